package import HotfixCore

/// Makes the sums of windows from points, in whatever order and how often they come.
///
/// A cell is a function of the set of points that were accepted, so that neither the batches they came in nor a restart in between
/// changes it. Time is a parameter. What changed is handed out by ``takeChanges()``, and has to be stored before a sender hears of it.
package struct OTLPAccumulator: Sendable {
    /// Which cell of which subject.
    struct CellKey: Hashable {
        var subject: Int
        var start: Instant
    }

    /// A series of the accumulator.
    private struct Member {
        var id: SeriesID
        /// Where its track is.
        var place: Int
    }

    /// A subject of the accumulator.
    private struct Entry {
        var subject: PointSubject
        /// Its series, in the order of their digests.
        var members: [Member] = []
        /// The time of the newest point since changes were taken.
        var newest = Int64.min
    }

    let limits: OTLPLimits
    let origin: String
    /// The newest instant that was heard of.
    private(set) var now = Instant(0)
    private var places: [SeriesID: Int] = [:]
    private var tracks: [SeriesTrack] = []
    private var freeTracks: [Int] = []
    private var entries: [Entry] = []
    private var freeEntries: [Int] = []
    private var numbers: [PointSubject: Int] = [:]
    private var dirty: Set<CellKey> = []
    /// Why the points of cells are not all known.
    private var losses: [CellKey: Set<Rejection>] = [:]
    /// Cells that start before this instant may have had points that are no longer known.
    private var clockWasSetAt: Instant?
    private var log = PointLog.Writer()
    private var logAt: Instant?
    private var forgotAt = Instant(0)
    private var words = 0
    /// How many series were forgotten as nothing more was heard of them.
    package private(set) var evicted = 0

    /// Makes an accumulator that knows of no point.
    ///
    /// - Parameters:
    ///   - origin: The name of the source whose scrapes it is for; empty for what is pushed.
    ///   - limits: How much it takes.
    package init(origin: String = PointSubject.pushed, limits: OTLPLimits = .init()) {
        self.origin = origin
        self.limits = limits
    }

    /// How many series it knows.
    package var seriesCount: Int { places.count }

    /// Takes points.
    ///
    /// - Parameters:
    ///   - metrics: The points.
    ///   - now: When they were received; an instant before the newest one is taken to be that.
    /// - Returns: Which were rejected, and why.
    mutating func accept(_ metrics: [IncomingMetric], at now: Instant) -> Intake {
        self.now = max(self.now, now)
        if self.now - forgotAt >= 60 { forget(sparing: 0) }
        var intake = Intake()
        let origin = origin
        for metric in metrics {
            for point in metric.points {
                var rejection = point.rejection
                if rejection == nil {
                    rejection = take(
                        point.series, point.point, isReplay: false, metric.description(of: point, origin: origin))
                }
                guard let rejection else {
                    intake.accepted += 1
                    continue
                }
                intake.reject(rejection)
                if rejection.isLoss {
                    note(rejection, of: point, metric.description(of: point, origin: origin).subject)
                }
            }
        }
        return intake
    }

    /// Takes the points of a log again, to go on from there.
    ///
    /// - Parameter entries: The log, oldest entry first.
    /// - Throws: Where an entry is damaged.
    mutating func replay(_ entries: [PointLogEntry]) throws(PackedReader.Malformed) {
        for entry in entries {
            now = max(now, entry.at)
            for item in try PointLog.items(entry.content, origin: origin) {
                switch item {
                case .point(let id, let description, let point):
                    // Was accepted once: no limit may take it away again.
                    _ = take(id, point, isReplay: true, description)
                case .loss(let subject, let start, let reason):
                    guard let number = number(of: subject, isReplay: true) else { continue }
                    losses[CellKey(subject: number, start: start.floored(to: limits.cell)), default: []].insert(reason)
                }
            }
            if now - forgotAt >= 60 { forget(sparing: PointCell.longest) }
        }
    }

    /// Has every cell handed out again that a point may still come to, as cells of another length are to be replaced.
    mutating func rebuild() {
        let first = (now - limits.lateness - PointCell.longest).floored(to: limits.cell)
        for entry in entries {
            for member in entry.members {
                let subject = tracks[member.place].facts.subject
                let starts = tracks[member.place].points.map { cellStart($0.time) }.filter { $0 >= first }
                dirty.formUnion(starts.map { CellKey(subject: subject, start: $0) })
            }
        }
        dirty.formUnion(losses.keys.filter { $0.start >= first })
    }

    /// Goes on by a clock that was set back: what was known by then may be lost.
    mutating func clockWasSet(to now: Instant) {
        self.now = now
        clockWasSetAt = now
    }

    /// Whether there is anything that was not handed out yet.
    var hasChanges: Bool { !dirty.isEmpty || logAt != nil }

    /// Notes that a window is not whole.
    private mutating func note(_ reason: Rejection, of point: IncomingPoint, _ subject: PointSubject) {
        // What comes late again and again has its windows; the points of a clock that is wrong have none.
        if reason == .late, places[point.series] != nil { return }
        guard let number = number(of: subject, isReplay: false) else { return }
        let seconds = Int(point.point.time / 1_000_000_000)
        let isPlaced = seconds <= now.seconds + limits.lead && seconds >= now.seconds - limits.lateness
        let start = cellStart(isPlaced ? point.point.time : Int64(now.seconds) * 1_000_000_000)
        let key = CellKey(subject: number, start: start)
        guard losses[key, default: []].insert(reason).inserted else { return }
        dirty.insert(key)
        if logAt == nil { logAt = now }
        log.append(reason, in: start, of: subject)
    }

    private mutating func take(
        _ id: SeriesID, _ point: SeriesPoint, isReplay: Bool, _ description: @autoclosure () -> SeriesDescription
    ) -> Rejection? {
        if !isReplay {
            let seconds = Int(point.time / 1_000_000_000)
            if seconds > now.seconds + limits.lead { return .future }
            if seconds < now.seconds - limits.lateness { return .late }
            guard words < limits.words else { return .tooMuch }
        }
        let place: Int
        if let known = places[id] {
            place = known
        } else {
            guard isReplay || places.count < limits.series, let begun = begin(id, description(), isReplay: isReplay)
            else { return .tooManySeries }
            place = begun
        }
        guard isReplay || tracks[place].points.count < limits.pointsOfSeries else { return .tooManyPoints }
        let weight = tracks[place].weight
        guard case .added(let changing) = tracks[place].insert(point) else { return nil }
        words += tracks[place].weight - weight
        guard !isReplay else { return nil }
        let facts = tracks[place].facts
        entries[facts.subject].newest = max(entries[facts.subject].newest, point.time)
        dirty.insert(CellKey(subject: facts.subject, start: cellStart(point.time)))
        for time in changing { dirty.insert(CellKey(subject: facts.subject, start: cellStart(time))) }
        if logAt == nil { logAt = now }
        log.append(point, of: id, facts, entries[facts.subject].subject)
        return nil
    }

    /// Begins a series; nil where there are too many subjects.
    private mutating func begin(_ id: SeriesID, _ description: SeriesDescription, isReplay: Bool) -> Int? {
        guard let subject = number(of: description.subject, isReplay: isReplay) else { return nil }
        let track = SeriesTrack(
            facts: SeriesFacts(
                subject: subject, kind: description.kind, instance: description.instance, part: description.part,
                divisor: description.divisor, failed: description.failed, version: description.version,
                tellsProcesses: description.subject.scope == WatchedMetric.Scope.application.rawValue))
        let place: Int
        if let free = freeTracks.popLast() {
            place = free
            tracks[free] = track
        } else {
            place = tracks.count
            tracks.append(track)
        }
        places[id] = place
        let rank = entries[subject].members.firstIndex { ($0.id.high, $0.id.low) > (id.high, id.low) }
        entries[subject].members.insert(Member(id: id, place: place), at: rank ?? entries[subject].members.count)
        return place
    }

    /// The number of a subject; nil where there are too many others.
    private mutating func number(of subject: PointSubject, isReplay: Bool) -> Int? {
        if let known = numbers[subject] { return known }
        guard isReplay || numbers.count < limits.subjects else { return nil }
        let entry = Entry(subject: subject)
        let number = freeEntries.popLast() ?? entries.count
        if number < entries.count { entries[number] = entry } else { entries.append(entry) }
        numbers[subject] = number
        return number
    }

    /// The start of the cell that a time in nanoseconds belongs to.
    func cellStart(_ time: Int64) -> Instant {
        Instant(Int((time - 1) / 1_000_000_000)).floored(to: limits.cell)
    }

    /// What changed since this was asked last, which takes the place of what was stored before.
    package mutating func takeChanges() -> PointBatch {
        var batch = PointBatch()
        batch.origin = origin
        for key in dirty.sorted(by: { ($0.subject, $0.start) < ($1.subject, $1.start) }) {
            let content = sum(of: key).packed
            let subject = entries[key.subject].subject
            batch.cells.append((subject, PointCell(start: key.start, length: limits.cell, content: content)))
            guard entries[key.subject].newest > .min else { continue }
            batch.newest[subject] = Instant(Int(entries[key.subject].newest / 1_000_000_000))
            entries[key.subject].newest = .min
        }
        if let logAt {
            batch.log = [PointLogEntry(at: logAt, content: log.finish())]
            batch.forgetsLogBefore = now - limits.memory
        }
        dirty = []
        logAt = nil
        return batch
    }

    /// Adds up what all series of a subject say of a cell, in one order, so that the same points always give the same bits.
    private func sum(of key: CellKey) -> CellSum {
        let start = Int64(key.start.seconds) * 1_000_000_000
        let end = start + Int64(limits.cell) * 1_000_000_000
        var sum = CellSum()
        sum.lost = losses[key] ?? []
        if let clockWasSetAt, key.start <= clockWasSetAt { sum.lost.insert(.clock) }
        for member in entries[key.subject].members {
            guard let covered = tracks[member.place].contribute(from: start, to: end, into: &sum) else { continue }
            sum.add(version: tracks[member.place].facts.version)
            let instance = tracks[member.place].facts.instance
            let before = sum.instances[instance]?.covered ?? 0
            sum.instances[instance, default: .init()].covered = max(before, covered)
        }
        return sum
    }

    /// Forgets points that no cell that may still change depends on, and series and subjects without others.
    ///
    /// - Parameter sparing: How much more is kept, in seconds.
    private mutating func forget(sparing: Seconds) {
        // What has changed and was not handed out yet still needs its points.
        guard dirty.isEmpty else { return }
        forgotAt = now
        let oldest = (now - limits.lateness).floored(to: limits.cell) - 300 - sparing
        let horizon = Int64(oldest.seconds) * 1_000_000_000
        losses = losses.filter { $0.key.start >= oldest }
        let lossy = Set(losses.keys.map(\.subject))
        for number in numbers.values {
            for member in entries[number].members {
                words -= tracks[member.place].weight
                if tracks[member.place].newest <= horizon {
                    places[member.id] = nil
                    tracks[member.place] = SeriesTrack(facts: tracks[member.place].facts)
                    freeTracks.append(member.place)
                    evicted += 1
                } else {
                    tracks[member.place].forget(upTo: horizon)
                    words += tracks[member.place].weight
                }
            }
            entries[number].members.removeAll { places[$0.id] == nil }
            if entries[number].members.isEmpty, !lossy.contains(number) {
                numbers[entries[number].subject] = nil
                freeEntries.append(number)
            }
        }
    }
}
