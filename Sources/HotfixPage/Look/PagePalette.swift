import Foundation

/// The colours of the page, on a light and on a dark ground, as 0xRRGGBB.
///
/// Nothing is told by a colour alone: a word, a shape or a height says the same.
package enum PageInk: String, Sendable, CaseIterable {
    case ground, surface, sunken, edge, text, muted, link, focus
    case good, goodGround = "good-ground"
    case bad, badGround = "bad-ground"
    case warn, warnGround = "warn-ground"
    case busy, busyGround = "busy-ground"
    case calm, calmGround = "calm-ground"
    case button, buttonText = "button-text"
    /// The lines that an input, a bar or a cell is known by.
    case outline
    case cellClean = "cell-clean", cellUnproven = "cell-unproven"

    /// The colours.
    package var colors: (light: UInt32, dark: UInt32) {
        switch self {
        case .ground: (0xF4F5F7, 0x0B0F14)
        case .surface: (0xFFFFFF, 0x0D1117)
        case .sunken: (0xF0F2F5, 0x161C24)
        case .edge: (0xD5DAE0, 0x2A323C)
        case .text: (0x1F2328, 0xE6EDF3)
        case .muted: (0x57606A, 0x9DA7B3)
        case .link: (0x0B5CAD, 0x58A6FF)
        case .focus: (0x0B5CAD, 0x79C0FF)
        case .good: (0x14622E, 0x56D364)
        case .goodGround: (0xDDF4E4, 0x0F2A18)
        case .bad: (0xA01C12, 0xFF8F87)
        case .badGround: (0xFDE3DF, 0x3A1517)
        case .warn: (0x7A4300, 0xF0B04A)
        case .warnGround: (0xFFF0D6, 0x33230A)
        case .busy: (0x0A4C91, 0x79B8FF)
        case .busyGround: (0xDFEEFD, 0x0E2440)
        case .calm: (0x4A525C, 0xB1BAC4)
        case .calmGround: (0xE9ECEF, 0x1F252C)
        case .button: (0x0B5CAD, 0x1F6FEB)
        case .buttonText: (0xFFFFFF, 0xFFFFFF)
        case .outline: (0x6E7781, 0x7D8794)
        case .cellClean: (0x2E8B57, 0x3FA66B)
        case .cellUnproven: (0x6E7781, 0x8B949E)
        }
    }

    /// Which of them stand on which, with the least contrast that each needs: 4.5 for text, 3 for what is told by a shape.
    package static let pairs: [(ink: PageInk, ground: PageInk, least: Double)] = {
        let grounds: [PageInk] = [.ground, .surface, .sunken]
        var pairs: [(ink: PageInk, ground: PageInk, least: Double)] = []
        for ground in grounds {
            for ink in [PageInk.text, .muted, .link] { pairs.append((ink, ground, 4.5)) }
            for ink in [PageInk.focus, .outline] { pairs.append((ink, ground, 3)) }
        }
        for (ink, ground) in [
            (PageInk.good, PageInk.goodGround), (.bad, .badGround), (.warn, .warnGround), (.busy, .busyGround),
            (.calm, .calmGround),
        ] {
            for ground in [ground, .surface, .ground] { pairs.append((ink, ground, 4.5)) }
            pairs.append((.text, ground, 4.5))
        }
        pairs.append((.buttonText, .button, 4.5))
        for ground in [PageInk.surface, .sunken] {
            for ink in [PageInk.cellClean, .cellUnproven, .bad, .warn, .button] { pairs.append((ink, ground, 3)) }
        }
        return pairs
    }()
}

/// The contrast of two colours, 1 to 21, by WCAG 2.
///
/// - Parameters:
///   - first: A colour as 0xRRGGBB.
///   - second: Another.
/// - Returns: The ratio of their luminances.
package func contrast(_ first: UInt32, _ second: UInt32) -> Double {
    let (high, low) = (max(luminance(first), luminance(second)), min(luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)
}

private func luminance(_ color: UInt32) -> Double {
    func linear(_ shift: UInt32) -> Double {
        let share = Double(color >> shift & 0xFF) / 255
        guard share > 0.04045 else { return share / 12.92 }
        return pow((share + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * linear(16) + 0.7152 * linear(8) + 0.0722 * linear(0)
}
