import Foundation
import Glibc

/// Copies of this process's open descriptors of a file or directory, as a child has them that was forked and has not begun its own program.
///
/// - Parameter path: The path, which may lead through symbolic links.
/// - Returns: The copies, which the caller closes.
package func copiesOfDescriptors(for path: String) -> [Int32] {
    guard let real = realpath(path, nil) else { return [] }
    defer { free(real) }
    let files = FileManager.default
    let open = (try? files.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
    return open.compactMap { name in
        guard let descriptor = Int32(name),
            (try? files.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(name)")) == String(cString: real)
        else { return nil }
        let copy = dup(descriptor)
        return copy < 0 ? nil : copy
    }
}
