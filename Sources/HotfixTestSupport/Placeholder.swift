// HotfixTestSupport
