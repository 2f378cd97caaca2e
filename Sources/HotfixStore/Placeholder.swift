// HotfixStore
