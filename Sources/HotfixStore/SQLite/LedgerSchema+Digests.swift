extension LedgerSchema {
    /// Version 6: what the windows of services come to, kept so that readiness need not read them.
    ///
    /// - `ledger.evidence` grows with everything that readiness may depend on; a digest says nothing of another state.
    /// - `ledger.nonce` is another with each generation: of two ledgers that went on from one backup, each has its own.
    /// - `content` is laid out in DigestBytes.swift.
    static let digests = """
        ALTER TABLE ledger ADD COLUMN evidence INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE ledger ADD COLUMN nonce INTEGER NOT NULL DEFAULT 0;

        CREATE TABLE serviceDigest (
            service TEXT PRIMARY KEY,
            evidence INTEGER NOT NULL,
            content BLOB NOT NULL
        ) STRICT, WITHOUT ROWID;
        """
}
