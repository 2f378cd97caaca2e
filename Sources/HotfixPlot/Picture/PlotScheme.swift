/// On what ground a picture is drawn.
package enum PlotScheme: Sendable, Hashable, CaseIterable {
    case light
    case dark
    /// Light, and dark where whoever looks at it prefers that.
    case automatic
    /// As the style sheet of the page says that it stands in: ``Plot/styleSheet``.
    case styled
}
