/// A platform as Tauri names it: `darwin-aarch64`, or with the bundle that a client was installed from, `linux-x86_64-appimage`.
struct TauriPlatform {
    var target: String
    var arch: String
    /// nil where any bundle is meant.
    var bundle: String?

    init(_ text: String) {
        let parts = text.split(separator: "-", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        target = parts[0]
        arch = parts.count > 1 ? parts[1] : ""
        bundle = parts.count > 2 ? parts[2] : nil
    }

    /// The platform without the bundle.
    var name: String { arch.isEmpty ? target : "\(target)-\(arch)" }
}
