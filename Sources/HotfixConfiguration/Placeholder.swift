// HotfixConfiguration
