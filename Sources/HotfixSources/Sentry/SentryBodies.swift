/// The answer of `events-timeseries/`; every number may be written as an integer or with a fraction.
struct SentryTimeSeries: Decodable {
    struct Presence: Decodable {}

    struct Series: Decodable {
        struct Meta: Decodable {
            /// Milliseconds.
            var interval: Double?
            /// `partial` or `full`, where the server says it.
            var dataScanned: String?
        }

        struct Row: Decodable {
            /// The start of the bucket in milliseconds since the epoch.
            var timestamp: Double
            var value: Double?
            var incomplete: Bool?
            /// An open list: `INCOMPLETE_BUCKET`, `OUTSIDE_RETENTION`, ….
            var incompleteReason: String?
            /// The spans that were stored, before extrapolation.
            var sampleCount: Double?
        }

        var yAxis: String?
        var meta: Meta?
        var values: [Row]
    }

    var meta: Presence?
    var timeSeries: [Series]
}

/// The answer of `events-stats/`: one series, or one for each aggregate by its name.
struct SentryStats: Decodable {
    struct Series: Decodable {
        var data: [Row]
    }

    /// `[seconds, [{"count": n}]]`; the member is called `count` whatever the aggregate.
    struct Row: Decodable {
        struct Cell: Decodable {
            var count: Double?
        }

        /// The start of the bucket in seconds since the epoch.
        var timestamp: Double
        var value: Double?

        init(from decoder: any Decoder) throws {
            var container = try decoder.unkeyedContainer()
            timestamp = try container.decode(Double.self)
            value = try container.decode([Cell].self).first?.count
        }
    }

    var series: [String: Series]

    init(from decoder: any Decoder) throws {
        if let single = try? Series(from: decoder) {
            series = ["": single]
        } else {
            series = try decoder.singleValueContainer().decode([String: Series].self)
        }
    }

    /// The rows of an aggregate; the only series there is needs no name.
    func rows(_ field: String) -> [Row]? { (series[field] ?? series[""])?.data }
}

/// The answer of `sessions/` and `stats_v2/`.
struct SentryIntervals: Decodable {
    struct Group: Decodable {
        var by: [String: String]
        var series: [String: [Double?]]

        enum CodingKeys: String, CodingKey {
            case by, series
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            by = try container.decodeIfPresent([String: String].self, forKey: .by) ?? [:]
            series = try container.decode([String: [Double?]].self, forKey: .series)
        }
    }

    /// The starts of the buckets as ISO 8601.
    var intervals: [String]
    var groups: [Group]
}

/// A project in the list of an organization's projects.
struct SentryProject: Decodable {
    var id: String
    var slug: String
    var firstEvent: String?
    /// The visible environments.
    var environments: [String]?
}

/// An environment of a project.
struct SentryEnvironment: Decodable {
    var name: String
}

/// What an organization says of where it lives.
struct SentryOrganization: Decodable {
    struct Links: Decodable {
        var regionUrl: String?
    }

    var links: Links?
}

/// The forms in which Sentry words an error: `detail` as a text or an object, `message`, or a list of texts.
struct SentryErrorBody: Decodable {
    private struct Detail: Decodable {
        var message: String?
        var code: String?
    }

    private enum CodingKeys: String, CodingKey {
        case detail, message
    }

    var text: String?

    init(from decoder: any Decoder) throws {
        if let list = try? decoder.singleValueContainer().decode([String].self) {
            text = list.joined(separator: "; ")
            return
        }
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if let detail = try? container.decode(String.self, forKey: .detail) {
            text = detail
        } else if let detail = try? container.decode(Detail.self, forKey: .detail) {
            text = [detail.code, detail.message].compactMap(\.self).joined(separator: ": ")
        } else {
            text = try? container.decode(String.self, forKey: .message)
        }
    }
}
