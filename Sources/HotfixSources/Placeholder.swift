// HotfixSources
