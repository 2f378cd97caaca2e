// HotfixTracker
