// HotfixAgent
