/// Counts the messages in a body before anything is made of it.
///
/// A message that takes two bytes of a body takes a hundred times that in memory.
enum MessageCount {
    /// Whether a body has more messages than a limit; one that is malformed is left to the decoder, which finds out where it is.
    static func exceeds(_ limit: Int, in body: [UInt8], _ format: OTLPFormat) -> Bool {
        // A message takes two bytes at least.
        guard body.count / 2 > limit else { return false }
        switch format {
        case .json: return body.count { $0 == UInt8(ascii: "{") } > limit
        case .protobuf:
            return body.withUnsafeBytes { bytes in
                var counter = Counter(bytes: bytes, limit: limit)
                counter.count(bytes.startIndex, bytes.endIndex, .export, depth: 0)
                return counter.found > limit
            }
        }
    }

    /// A kind of message, as far as it may hold others.
    private enum Kind {
        case export, resourceMetrics, resource, scopeMetrics, scope, metric
        case numbers, histograms, exponentials, summaries
        case number, histogram, exponential
        case attribute, value, array, list, leaf

        /// What is in a field; nil where that is no message.
        func field(_ number: UInt64) -> Kind? {
            switch (self, number) {
            case (.export, 1): .resourceMetrics
            case (.resourceMetrics, 1): .resource
            case (.resourceMetrics, 2): .scopeMetrics
            case (.scopeMetrics, 1): .scope
            case (.scopeMetrics, 2): .metric
            case (.metric, 5), (.metric, 7): .numbers
            case (.metric, 9): .histograms
            case (.metric, 10): .exponentials
            case (.metric, 11): .summaries
            case (.numbers, 1): .number
            case (.histograms, 1): .histogram
            case (.exponentials, 1): .exponential
            case (.summaries, 1), (.exponential, 8), (.exponential, 9): .leaf
            case (.resource, 1), (.scope, 3), (.number, 7), (.histogram, 9), (.exponential, 1), (.list, 1): .attribute
            case (.attribute, 2), (.array, 1): .value
            case (.value, 5): .array
            case (.value, 6): .list
            default: nil
            }
        }
    }

    private struct Counter {
        let bytes: UnsafeRawBufferPointer
        let limit: Int
        var found = 0

        /// Counts what is in a stretch of the body.
        mutating func count(_ start: Int, _ end: Int, _ kind: Kind, depth: Int) {
            var place = start
            // Deeper than this the decoder refuses.
            guard depth < 100 else { return }
            while place < end, found <= limit {
                guard let tag = number(&place, end) else { return }
                switch tag & 7 {
                case 0: guard number(&place, end) != nil else { return }
                case 1: place += 8
                case 5: place += 4
                case 2:
                    guard let length = number(&place, end), length <= UInt64(end - place) else { return }
                    if let inner = kind.field(tag >> 3) {
                        found += 1
                        count(place, place + Int(length), inner, depth: depth + 1)
                    }
                    place += Int(length)
                default: return
                }
            }
        }

        private func number(_ place: inout Int, _ end: Int) -> UInt64? {
            var number: UInt64 = 0
            var shift: UInt64 = 0
            while place < end, shift < 64 {
                let byte = bytes[place]
                place += 1
                number |= UInt64(byte & 0x7F) << shift
                if byte < 0x80 { return number }
                shift += 7
            }
            return nil
        }
    }
}
