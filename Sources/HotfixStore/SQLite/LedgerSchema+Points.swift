extension LedgerSchema {
    /// Version 5: what was received by OTLP or scraped.
    ///
    /// - `pointCell` holds sums that many points come to; a point belongs to the cell with `start < time <= start + length`.
    /// - `pointLog` holds the points of the last half hour or so as they came, for a receiver that starts again.
    /// - `content` is laid out in HotfixOTLP's CellBytes.swift and PointLog.swift.
    static let points = """
        CREATE TABLE pointSubject (
            id INTEGER PRIMARY KEY,
            origin TEXT NOT NULL,
            scope TEXT NOT NULL,
            namespace TEXT NOT NULL,
            name TEXT NOT NULL,
            environment TEXT,
            metric TEXT NOT NULL,
            newest INTEGER NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX pointSubjectContent
            ON pointSubject (origin, scope, namespace, name, metric, coalesce(environment, char(0)));

        CREATE TABLE pointCell (
            subject INTEGER NOT NULL REFERENCES pointSubject,
            start INTEGER NOT NULL,
            length INTEGER NOT NULL CHECK (length > 0),
            content BLOB NOT NULL,
            PRIMARY KEY (subject, start, length)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE pointLog (
            id INTEGER PRIMARY KEY,
            origin TEXT NOT NULL,
            at INTEGER NOT NULL,
            content BLOB NOT NULL
        ) STRICT;
        CREATE INDEX pointLogAt ON pointLog (origin, at);
        """
}
