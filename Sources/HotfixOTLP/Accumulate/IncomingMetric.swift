import Foundation
import HotfixCore

/// Points of one watched metric of one resource, as they came.
struct IncomingMetric: Sendable {
    var metric: WatchedMetric
    var resource: ResourceFacts
    /// The digest of all that the resource says of itself.
    var resourceID: SeriesID
    /// What the service is called, in the metric's scope.
    var name: String
    var kind: SeriesKind
    /// What a value is divided by to give seconds.
    var divisor: Int
    var points: [IncomingPoint]

    /// What is to be known of the series of a point.
    func description(of point: IncomingPoint, origin: String) -> SeriesDescription {
        let attributes = ResourceFacts(point.attributes)
        func value(_ key: String) -> String? { attributes[key] ?? resource[key] }
        let environment = value("deployment.environment.name") ?? value("deployment.environment")
        let subject = PointSubject(
            origin: origin, scope: metric.scope.rawValue, namespace: metric.scope.namespaceKey.flatMap(value) ?? "",
            name: name, environment: environment, metric: metric.name)
        // Processes without a name of their own are told apart by all else that their resources say.
        let unnamed = metric.scope.instanceKeys.isEmpty ? 0 : resourceID.low
        let instance = metric.scope.instanceKeys.compactMap(value).first.map { SeriesID($0).low } ?? unnamed
        var description = SeriesDescription(
            subject: subject, kind: kind, instance: instance, part: 0, divisor: divisor, failed: nil)
        if metric.scope == .application { description.version = value("service.version") }
        switch metric.shape {
        case .durations:
            let status = value("http.response.status_code") ?? value("http.status_code")
            description.failed = status.map { $0.count == 3 && $0.hasPrefix("5") }
        case .counter: description.part = point.part
        case .level(let parts):
            description.part = SeriesID(parts.map { value($0) ?? "" }.joined(separator: "\u{1F}")).low
        case .busyShare: description.instance = point.series.low
        }
        return description
    }
}

/// A point as it came.
struct IncomingPoint: Sendable {
    var series: SeriesID
    /// The digest of its own attributes: what two ways of one process bring of a part of it has the same.
    var part: UInt64
    var point: SeriesPoint
    /// Why it can't be taken.
    var rejection: Rejection?
    var attributes: [Opentelemetry_Proto_Common_V1_KeyValue]
}

/// What is to be known of a series before its first point is kept.
struct SeriesDescription: Hashable, Sendable {
    var subject: PointSubject
    var kind: SeriesKind
    var instance: UInt64
    var part: UInt64
    var divisor: Int
    var failed: Bool?
    var version: String?
}

/// Attributes by their names; dots and underscores are one.
struct ResourceFacts: Sendable {
    private var values: [String: String] = [:]

    init(_ attributes: [Opentelemetry_Proto_Common_V1_KeyValue]) {
        for attribute in attributes {
            if let text = attribute.value.plain, !text.isEmpty { values[underscored(attribute.key)] = text }
        }
    }

    subscript(key: String) -> String? { values[underscored(key)] }
}

extension Opentelemetry_Proto_Common_V1_AnyValue {
    /// A text, a number or a truth value as a text of bounded length; nil for everything else.
    fileprivate var plain: String? {
        switch value {
        // A text with a NUL would end there in the ledger, and be another's.
        case .stringValue(let text) where text.utf8.contains(0): nil
        case .stringValue(let text): text.utf8.count <= 256 ? text : clipped(text, bytes: 256)
        case .intValue(let number): "\(number)"
        case .boolValue(let boolean): "\(boolean)"
        case .doubleValue(let number): "\(number)"
        case .arrayValue, .kvlistValue, .bytesValue, nil: nil
        }
    }
}

extension SeriesID {
    /// The digest of attributes, in whatever order they come.
    init(_ attributes: [Opentelemetry_Proto_Common_V1_KeyValue]) {
        self = .empty
        for attribute in attributes {
            var one = SeriesID(attribute.key)
            one.append(SeriesID(attribute.value))
            add(one)
        }
    }

    private init(_ value: Opentelemetry_Proto_Common_V1_AnyValue) {
        self = .empty
        switch value.value {
        case .stringValue(let text): self = SeriesID(text)
        case .intValue(let number): append(UInt64(bitPattern: number))
        case .boolValue(let boolean): append(boolean ? 3 : 5)
        case .doubleValue(let number): append(number.bitPattern ^ 7)
        case .bytesValue(let bytes): self = bytes.withUnsafeBytes { SeriesID($0) }
        case .arrayValue(let array): for element in array.values { append(SeriesID(element)) }
        case .kvlistValue(let list): append(SeriesID(list.values))
        case nil: append(11)
        }
    }
}
