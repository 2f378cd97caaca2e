// HotfixHTTP
