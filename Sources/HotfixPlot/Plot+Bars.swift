package import HotfixCore

extension Plot {
    /// The last windows as a line of bars, one character each: `▁` the least value, `█` the greatest, `·` a window without one.
    ///
    /// Where a breach is among them, a second line has `^` below each window in breach.
    ///
    /// The lines belong together only in letters of one width. Where all values are above 0 and far apart, the height counts from 0.
    ///
    /// - Parameter columns: The most windows, taken as 1 or more.
    /// - Returns: One line or two; empty where there is no window.
    package func bars(columns: Int = 36) -> String {
        let shown = points.suffix(max(1, columns))
        let values = shown.compactMap(\.value).filter(\.isFinite)
        let greatest = values.max() ?? 0
        let least = values.min() ?? 0
        // As on the axis of a picture: a bar of 2 beside one of 1 then looks like twice as much.
        let bottom = least > 0 && least < greatest / 2 ? 0 : least
        let glyphs = Array("▁▂▃▄▅▆▇█")
        let line = shown.map { point -> Character in
            guard let value = point.value, value.isFinite else { return "·" }
            guard greatest > bottom else { return glyphs[3] }
            // The difference of two numbers can be too large for one, and half of the smallest is none.
            let span = greatest - bottom
            let share =
                span.isFinite
                ? (value - bottom) / span : (value / 2 - bottom / 2) / (greatest / 2 - bottom / 2)
            return glyphs[Int((share * Double(glyphs.count - 1)).rounded())]
        }
        guard let last = shown.lastIndex(where: { $0.outcome == .breach }) else { return String(line) }
        let marks = shown[...last].map { $0.outcome == .breach ? "^" : " " }.joined()
        return String(line) + "\n" + marks
    }
}
