/// The number of insertions, deletions, substitutions and swaps of neighbours that make one name of another.
///
/// Only the first 64 characters count, so that a name from outside costs no more.
package func editDistance(_ left: String, _ right: String) -> Int {
    let left = Array(left.prefix(64))
    let right = Array(right.prefix(64))
    var older: [Int] = []
    var previous = Array(0...right.count)
    for i in left.indices {
        var current = [i + 1]
        for j in right.indices {
            var cost = previous[j] + (left[i] == right[j] ? 0 : 1)
            if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] { cost = min(cost, older[j - 1] + 1) }
            current.append(min(cost, previous[j + 1] + 1, current[j] + 1))
        }
        (older, previous) = (previous, current)
    }
    return previous[right.count]
}
