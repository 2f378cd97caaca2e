import Foundation
import SwiftProtobuf

typealias ExportRequest = Opentelemetry_Proto_Collector_Metrics_V1_ExportMetricsServiceRequest

/// How a body is written.
enum OTLPFormat: Hashable, Sendable {
    case protobuf, json

    /// Its content type.
    var contentType: String {
        switch self {
        case .protobuf: "application/x-protobuf"
        case .json: "application/json"
        }
    }

    /// The format of a content type with or without parameters, nil for every other.
    init?(contentType: String) {
        let name = contentType.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces).lowercased()
        switch name {
        case "application/x-protobuf": self = .protobuf
        case "application/json": self = .json
        default: return nil
        }
    }
}

/// That a body is not what its content type says.
struct UndecodableBody: Error {}

/// Decodes an export of metrics.
///
/// - Parameters:
///   - body: The body, decompressed.
///   - format: How it is written.
/// - Returns: What it says.
/// - Throws: ``UndecodableBody``.
func decodedExport(_ body: [UInt8], _ format: OTLPFormat) throws(UndecodableBody) -> ExportRequest {
    do {
        switch format {
        case .protobuf:
            var options = BinaryDecodingOptions()
            options.discardUnknownFields = true
            return try ExportRequest(serializedBytes: body, options: options)
        case .json:
            // An empty body is no JSON; 64-bit numbers may be texts, and ids in hexadecimal lie in fields that are not read.
            var options = JSONDecodingOptions()
            options.ignoreUnknownFields = true
            return try ExportRequest(jsonUTF8Bytes: body, options: options)
        }
    } catch {
        throw UndecodableBody()
    }
}
