import HotfixCore

/// Guesses the name that was meant.
///
/// - Parameters:
///   - name: What was written.
///   - known: What could have been meant; of equally near ones the first wins.
/// - Returns: The nearest of the known names, nil where none is near.
func nearest(to name: String, in known: some Sequence<String>) -> String? {
    let written = folded(name)
    var best: (name: String, distance: Int)?
    for candidate in known {
        let distance = editDistance(written, folded(candidate))
        guard distance <= max(1, max(written.count, candidate.count) / 3), distance < best?.distance ?? .max else {
            continue
        }
        best = (candidate, distance)
    }
    return best?.name
}

/// What to do about an unknown name: the nearest known one, else all of them.
func suggestion(for name: String, in known: [String], called plural: String) -> String {
    if let near = nearest(to: name, in: known) { return "Did you mean '\(near)'?" }
    return known.isEmpty ? "" : "\(plural): \(known.joined(separator: ", "))."
}

private func folded(_ name: String) -> String {
    name.prefix(64).lowercased().replacing("-", with: "_")
}
