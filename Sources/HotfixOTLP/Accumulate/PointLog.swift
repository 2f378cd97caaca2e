import HotfixCore

/// Accepted points as bytes: what is known of their series first, then the points.
enum PointLog {
    /// What the log says.
    enum Item {
        /// A point of a series was taken.
        case point(SeriesID, SeriesDescription, SeriesPoint)
        /// The cell of a subject that starts at an instant is not whole, for a reason.
        case loss(PointSubject, Instant, Rejection)
    }

    /// Gathers points.
    struct Writer: Sendable {
        private var subjects: [PointSubject: Int] = [:]
        private var series: [SeriesID: Int] = [:]
        private var bounds: [[Double]: Int] = [:]
        private var output = PackedWriter()

        init() { output.write(1) }

        /// Appends a point; what is new about its series goes before it.
        mutating func append(
            _ point: SeriesPoint, of id: SeriesID, _ facts: SeriesFacts, _ subject: @autoclosure () -> PointSubject
        ) {
            let number: Int
            if let known = series[id] {
                number = known
            } else {
                number = series.count
                series[id] = number
                begin(id, facts, subject())
            }
            var set = 0
            if case .explicit(let counts) = point.value { set = place(of: counts.bounds) }
            output.write(3)
            output.write(UInt64(number))
            output.write(fixed: UInt64(bitPattern: point.time))
            output.write(signed: point.start == 0 ? -1 : point.time - point.start)
            switch point.value {
            case .number(let number):
                output.write(0)
                output.write(double: number)
            case .explicit(let counts):
                output.write(1)
                output.write(UInt64(set))
                for count in counts.counts { output.write(count) }
            case .exponential(let counts):
                output.write(2)
                counts.pack(into: &output)
            }
        }

        /// Appends that a cell is not whole.
        mutating func append(_ reason: Rejection, in start: Instant, of subject: PointSubject) {
            let place = place(of: subject)
            output.write(4)
            output.write(UInt64(place))
            output.write(signed: Int64(start.seconds))
            output.write(UInt64(reason.rawValue))
        }

        /// The bytes; the writer begins anew.
        mutating func finish() -> [UInt8] {
            let bytes = output.bytes
            self = Writer()
            return bytes
        }

        private mutating func begin(_ id: SeriesID, _ facts: SeriesFacts, _ subject: PointSubject) {
            let place = place(of: subject)
            output.write(facts.version == nil ? 1 : 5)
            output.write(fixed: id.high)
            output.write(fixed: id.low)
            output.write(UInt64(place))
            output.write(UInt64(facts.kind.rawValue))
            output.write(fixed: facts.instance)
            output.write(fixed: facts.part)
            output.write(UInt64(facts.divisor))
            output.write(facts.failed.map { $0 ? 2 : 1 } ?? 0 as UInt64)
            if let version = facts.version { output.write(version) }
        }

        private mutating func place(of subject: PointSubject) -> Int {
            if let known = subjects[subject] { return known }
            let place = subjects.count
            subjects[subject] = place
            output.write(0)
            for text in [subject.scope, subject.namespace, subject.name, subject.metric] { output.write(text) }
            output.write(subject.environment == nil ? 0 : 1)
            output.write(subject.environment ?? "")
            return place
        }

        private mutating func place(of new: [Double]) -> Int {
            if let known = bounds[new] { return known }
            bounds[new] = bounds.count
            output.write(2)
            output.write(UInt64(new.count))
            for bound in new { output.write(double: bound) }
            return bounds.count - 1
        }
    }

    /// Reads a log.
    ///
    /// - Throws: Where the bytes are not those of a log.
    static func items(_ bytes: [UInt8], origin: String) throws(PackedReader.Malformed) -> [Item] {
        var reader = PackedReader(bytes)
        guard try reader.number() == 1 else { throw PackedReader.Malformed() }
        var subjects: [PointSubject] = []
        var series: [(SeriesID, SeriesDescription)] = []
        var bounds: [[Double]] = []
        var items: [Item] = []
        while !reader.isAtEnd {
            switch try reader.number() {
            case 0: subjects.append(try subject(&reader, origin))
            case 1: series.append(try description(&reader, subjects))
            case 5:
                var (id, description) = try description(&reader, subjects)
                description.version = try reader.text()
                series.append((id, description))
            case 2:
                var set: [Double] = []
                for _ in 0..<(try reader.count()) { set.append(try reader.double()) }
                bounds.append(set)
            case 3:
                let (id, description) = try element(series, try reader.number())
                let point = try point(&reader, bounds)
                items.append(.point(id, description, point))
            case 4:
                let subject = try element(subjects, try reader.number())
                let start = Instant(Int(try reader.signed()))
                guard let reason = Rejection(rawValue: UInt8(truncatingIfNeeded: try reader.number())) else {
                    throw PackedReader.Malformed()
                }
                items.append(.loss(subject, start, reason))
            default: throw PackedReader.Malformed()
            }
        }
        return items
    }

    private static func subject(
        _ reader: inout PackedReader, _ origin: String
    ) throws(PackedReader.Malformed) -> PointSubject {
        let scope = try reader.text()
        let namespace = try reader.text()
        let name = try reader.text()
        let metric = try reader.text()
        let hasEnvironment = try reader.number() == 1
        let environment = try reader.text()
        return PointSubject(
            origin: origin, scope: scope, namespace: namespace, name: name,
            environment: hasEnvironment ? environment : nil, metric: metric)
    }

    private static func description(
        _ reader: inout PackedReader, _ subjects: [PointSubject]
    ) throws(PackedReader.Malformed) -> (SeriesID, SeriesDescription) {
        let id = SeriesID(high: try reader.fixed(), low: try reader.fixed())
        let subject = try element(subjects, try reader.number())
        guard let kind = SeriesKind(rawValue: UInt8(truncatingIfNeeded: try reader.number())) else {
            throw PackedReader.Malformed()
        }
        let instance = try reader.fixed()
        let part = try reader.fixed()
        let divisor = Int(truncatingIfNeeded: try reader.number())
        let failed: Bool? =
            switch try reader.number() {
            case 1: false
            case 2: true
            default: nil
            }
        return (
            id,
            SeriesDescription(
                subject: subject, kind: kind, instance: instance, part: part, divisor: divisor, failed: failed)
        )
    }

    private static func point(
        _ reader: inout PackedReader, _ bounds: [[Double]]
    ) throws(PackedReader.Malformed) -> SeriesPoint {
        let time = Int64(bitPattern: try reader.fixed())
        let age = try reader.signed()
        let value: PointValue
        switch try reader.number() {
        case 0: value = .number(try reader.double())
        case 1:
            let set = try element(bounds, try reader.number())
            var counts: [UInt64] = []
            for _ in 0...set.count { counts.append(try reader.number()) }
            value = .explicit(ExplicitCounts(bounds: set, counts: counts))
        case 2: value = .exponential(try ExponentialCounts(&reader))
        default: throw PackedReader.Malformed()
        }
        return SeriesPoint(time: time, start: age < 0 ? 0 : time - age, value: value)
    }

    private static func element<Element>(
        _ list: [Element], _ place: UInt64
    ) throws(PackedReader.Malformed) -> Element {
        guard place < UInt64(list.count) else { throw PackedReader.Malformed() }
        return list[Int(place)]
    }
}
