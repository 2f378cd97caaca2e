/// The schema of a ledger, as the list of changes that lead to it.
///
/// A file's `user_version` says how many of them it has. GRDB's migrator is not used, since it reads what was applied
/// outside the transaction that applies the rest: of two processes that make one ledger at once, one would fail.
enum LedgerSchema {
    /// Marks a SQLite file as a ledger: `hotf` in ASCII.
    static let applicationID = 0x686F_7466

    /// The changes, oldest first.
    ///
    /// One that was released is never edited: a further one is added.
    static let migrations = [first, runningVersions, earlierVersions, messages, points, digests, checkScopes]

    /// Version 7: when a check was made, where that is not the instant it evaluated up to, and of which services it was.
    private static let checkScopes = """
        ALTER TABLE checkRun ADD COLUMN clock INTEGER;
        ALTER TABLE checkRun ADD COLUMN servicesJSON TEXT;
        """

    /// Version 1.
    ///
    /// - Instants are whole Unix seconds; columns whose names end in JSON hold JSON.
    /// - A hotfix has the branch of its deployments.
    /// - `window.start` and `revision.start` number a series' windows: they start at `(origin + start) * step`.
    /// - `window.number` is the number of a baseline that is stored with its verdict; the rest of it is in `judgement`.
    /// - `window.evaluated` is when the verdict was reached, in seconds after 4 minutes past the window's end: for a
    ///   check every 5 minutes a number of one byte.
    /// - `window.extra` is laid out in WindowColumns.swift.
    /// - `judgement` holds what many verdicts have in common, once: neither it nor `series` ever loses a row.
    private static let first = """
        CREATE TABLE ledger (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            ledgerID TEXT NOT NULL,
            generation INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE hotfix (
            id INTEGER PRIMARY KEY,
            openedAt INTEGER NOT NULL,
            closedAt INTEGER
        ) STRICT;
        CREATE UNIQUE INDEX hotfixOpen ON hotfix (closedAt IS NULL) WHERE closedAt IS NULL;

        CREATE TABLE deployment (
            id INTEGER PRIMARY KEY,
            hotfix INTEGER NOT NULL REFERENCES hotfix,
            branch TEXT,
            "commit" TEXT NOT NULL,
            version TEXT,
            besideJSON TEXT NOT NULL,
            at INTEGER NOT NULL,
            recordedAt INTEGER NOT NULL,
            servicesJSON TEXT NOT NULL,
            pairsJSON TEXT NOT NULL,
            incident TEXT NOT NULL CHECK (incident IN ('unstated', 'named', 'none')),
            newBaselineReason TEXT,
            closedAt INTEGER,
            voidReason TEXT,
            voidedAt INTEGER
        ) STRICT;
        CREATE INDEX deploymentHotfix ON deployment (hotfix);

        CREATE TABLE exclusion (
            id INTEGER PRIMARY KEY,
            service TEXT,
            start INTEGER NOT NULL,
            "end" INTEGER,
            reason TEXT NOT NULL,
            "by" TEXT,
            recordedAt INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE excusal (
            id INTEGER PRIMARY KEY,
            episode TEXT NOT NULL,
            service TEXT NOT NULL,
            guardrail TEXT NOT NULL,
            start INTEGER NOT NULL,
            "end" INTEGER,
            reason TEXT NOT NULL,
            "by" TEXT NOT NULL,
            recordedAt INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE acceptance (
            id INTEGER PRIMARY KEY,
            service TEXT NOT NULL,
            guardrail TEXT NOT NULL,
            reason TEXT NOT NULL,
            "by" TEXT,
            recordedAt INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE confirmation (
            id INTEGER PRIMARY KEY,
            service TEXT NOT NULL,
            guardrail TEXT NOT NULL,
            deployment INTEGER NOT NULL REFERENCES deployment,
            since INTEGER NOT NULL,
            at INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE policyVersion (
            id INTEGER PRIMARY KEY,
            service TEXT NOT NULL,
            policyJSON TEXT NOT NULL,
            adoptedAt INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE series (
            id INTEGER PRIMARY KEY,
            service TEXT NOT NULL,
            guardrail TEXT NOT NULL,
            step INTEGER NOT NULL CHECK (step > 0),
            origin INTEGER NOT NULL,
            definitionJSON TEXT NOT NULL,
            wishJSON TEXT NOT NULL,
            judgedFrom INTEGER NOT NULL,
            activityJSON TEXT NOT NULL,
            createdAt INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE baseline (
            id INTEGER PRIMARY KEY,
            series INTEGER NOT NULL REFERENCES series,
            deployment INTEGER NOT NULL REFERENCES deployment,
            start INTEGER NOT NULL,
            "end" INTEGER NOT NULL,
            ruleJSON TEXT NOT NULL,
            excludedJSON TEXT NOT NULL,
            windowsExcluded INTEGER NOT NULL,
            "values" BLOB NOT NULL,
            windowsOverMedianLimit INTEGER,
            storedAt INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE episode (
            service TEXT NOT NULL,
            guardrail TEXT NOT NULL,
            start INTEGER NOT NULL,
            openedAt INTEGER NOT NULL,
            lastBreach INTEGER NOT NULL,
            windows INTEGER NOT NULL,
            peak REAL,
            closedAt INTEGER,
            ending TEXT CHECK (ending IN ('recovered', 'corrected', 'withdrawn', 'excused')),
            PRIMARY KEY (service, guardrail, start)
        ) STRICT;

        CREATE TABLE checkRun (
            id INTEGER PRIMARY KEY,
            at INTEGER NOT NULL,
            windowsJudged INTEGER NOT NULL,
            failuresJSON TEXT
        ) STRICT;

        CREATE TABLE judgement (
            id INTEGER PRIMARY KEY,
            policy INTEGER NOT NULL REFERENCES policyVersion,
            verdict TEXT NOT NULL CHECK (verdict IN ('clean', 'breach', 'unproven')),
            reason TEXT,
            isSevere INTEGER NOT NULL,
            isConfirmed INTEGER NOT NULL,
            baseline INTEGER REFERENCES baseline,
            windowsUsed INTEGER,
            windowsPossible INTEGER,
            isSilent INTEGER,
            isProvisional INTEGER,
            CHECK (baseline IS NULL OR windowsUsed IS NULL),
            CHECK ((windowsUsed IS NULL) = (windowsPossible IS NULL)),
            CHECK ((windowsUsed IS NULL) = (isSilent IS NULL)),
            CHECK ((windowsUsed IS NULL) = (isProvisional IS NULL))
        ) STRICT;
        CREATE INDEX judgementContent ON judgement (policy, baseline, windowsUsed);

        CREATE TABLE window (
            series INTEGER NOT NULL REFERENCES series,
            start INTEGER NOT NULL,
            value REAL,
            events REAL,
            judgement INTEGER REFERENCES judgement,
            number REAL,
            evaluated INTEGER,
            extra BLOB,
            PRIMARY KEY (series, start),
            CHECK ((judgement IS NULL) = (evaluated IS NULL))
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE revision (
            id INTEGER PRIMARY KEY,
            series INTEGER NOT NULL REFERENCES series,
            start INTEGER NOT NULL,
            value REAL,
            events REAL,
            judgement INTEGER NOT NULL REFERENCES judgement,
            number REAL,
            evaluated INTEGER NOT NULL,
            extra BLOB
        ) STRICT;
        CREATE INDEX revisionWindow ON revision (series, start);
        """

    /// Version 2: what is known of the running versions of services.
    ///
    /// - `unknown` says why a source does not know; `definitionJSON` is NULL just then.
    /// - `seenJSON` holds runs of windows with the same versions, so that a row does not grow while nothing changes.
    /// - `memo` is the source's own business.
    private static let runningVersions = """
        CREATE TABLE runningVersion (
            service TEXT NOT NULL,
            source TEXT NOT NULL,
            wishJSON TEXT NOT NULL,
            definitionJSON TEXT,
            unknown TEXT,
            foundAt INTEGER NOT NULL,
            seenJSON TEXT NOT NULL,
            newestJSON TEXT,
            memo TEXT,
            PRIMARY KEY (service, source),
            CHECK ((definitionJSON IS NULL) = (unknown IS NOT NULL))
        ) STRICT;
        """

    /// Version 3: a query of the running version that another took the place of keeps what it saw.
    ///
    /// `unsettledFrom` is the start of the oldest window whose answer the source may yet have to take back.
    private static let earlierVersions = """
        CREATE TABLE versionSeries (
            service TEXT NOT NULL,
            source TEXT NOT NULL,
            wishJSON TEXT NOT NULL,
            definitionJSON TEXT,
            unknown TEXT,
            foundAt INTEGER NOT NULL,
            seenJSON TEXT NOT NULL,
            newestJSON TEXT,
            memo TEXT,
            unsettledFrom INTEGER,
            CHECK ((definitionJSON IS NULL) = (unknown IS NOT NULL))
        ) STRICT;
        CREATE UNIQUE INDEX versionSeriesQuery
            ON versionSeries (service, source, wishJSON, coalesce(definitionJSON, ''));
        INSERT INTO versionSeries SELECT *, NULL FROM runningVersion ORDER BY rowid;
        DROP TABLE runningVersion;
        """

    /// Version 4: what people are told, by which channels, and what they say of it.
    ///
    /// - `message.opening` is the message that opened what this one closes or reminds of.
    /// - `delivery.reason` says why the last attempt failed, or why there will be none; `at` is when the state was written.
    /// - `displayReceipt.content` is the display's own business.
    private static let messages = """
        CREATE TABLE silence (
            id INTEGER PRIMARY KEY,
            service TEXT,
            guardrail TEXT,
            start INTEGER NOT NULL,
            "end" INTEGER NOT NULL,
            reason TEXT NOT NULL,
            "by" TEXT NOT NULL,
            recordedAt INTEGER NOT NULL,
            liftedAt INTEGER,
            liftedBy TEXT,
            CHECK ((liftedAt IS NULL) = (liftedBy IS NULL))
        ) STRICT;

        CREATE TABLE acknowledgement (
            id INTEGER PRIMARY KEY,
            episode TEXT NOT NULL,
            "by" TEXT NOT NULL,
            note TEXT,
            recordedAt INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE message (
            id INTEGER PRIMARY KEY,
            kind TEXT NOT NULL,
            thread TEXT NOT NULL,
            opening INTEGER REFERENCES message,
            at INTEGER NOT NULL,
            createdAt INTEGER NOT NULL,
            service TEXT,
            guardrail TEXT,
            severity TEXT NOT NULL,
            factsJSON TEXT NOT NULL
        ) STRICT;
        CREATE INDEX messageOpening ON message (opening);

        CREATE TABLE delivery (
            id INTEGER PRIMARY KEY,
            message INTEGER NOT NULL REFERENCES message,
            channel TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('pending', 'inFlight', 'delivered', 'dropped', 'dead')),
            notBefore INTEGER,
            reason TEXT,
            receipt TEXT,
            isRepeat INTEGER NOT NULL DEFAULT 0,
            attempts INTEGER NOT NULL DEFAULT 0,
            firstAttempt INTEGER,
            mayHaveArrived INTEGER NOT NULL DEFAULT 0,
            at INTEGER NOT NULL,
            UNIQUE (message, channel)
        ) STRICT;
        CREATE INDEX deliveryWaiting ON delivery (message) WHERE state IN ('pending', 'inFlight');

        CREATE TABLE displayReceipt (
            display TEXT NOT NULL,
            subject TEXT NOT NULL,
            content TEXT NOT NULL,
            isIntent INTEGER NOT NULL,
            at INTEGER NOT NULL,
            PRIMARY KEY (display, subject)
        ) STRICT, WITHOUT ROWID;
        """
}
