// HotfixCore
