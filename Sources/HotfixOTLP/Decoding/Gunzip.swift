import CZlib
import Foundation

/// What is wrong with a compressed body.
enum GunzipError: Error, Hashable {
    case tooLarge, malformed
}

/// Decompresses gzip, one member or several.
///
/// - Parameters:
///   - bytes: The compressed bytes.
///   - limit: The most bytes that may come of them.
/// - Returns: What was compressed.
/// - Throws: ``GunzipError``; memory for no more than the limit is ever taken.
func gunzipped(_ bytes: [UInt8], limit: Int) throws(GunzipError) -> [UInt8] {
    var stream = z_stream()
    // 16 more bits than the window's say that it is gzip.
    guard inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
        throw .malformed
    }
    defer { inflateEnd(&stream) }
    var input = bytes
    var output: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    var consumed = 0
    while true {
        var produced = 0
        let code = input.withUnsafeMutableBufferPointer { input in
            piece.withUnsafeMutableBufferPointer { piece in
                stream.next_in = input.baseAddress.map { $0 + consumed }
                stream.avail_in = UInt32(input.count - consumed)
                stream.next_out = piece.baseAddress
                stream.avail_out = UInt32(piece.count)
                let code = inflate(&stream, Z_NO_FLUSH)
                consumed = input.count - Int(stream.avail_in)
                produced = piece.count - Int(stream.avail_out)
                stream.next_in = nil
                stream.next_out = nil
                return code
            }
        }
        guard output.count + produced <= limit else { throw .tooLarge }
        output += piece[..<produced]
        switch code {
        case Z_STREAM_END:
            if consumed == bytes.count { return output }
            guard inflateReset(&stream) == Z_OK else { throw .malformed }
        case Z_OK where produced > 0 || consumed < bytes.count: continue
        default: throw .malformed
        }
    }
}
