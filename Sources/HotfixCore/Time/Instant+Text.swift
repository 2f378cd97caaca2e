extension Instant: CustomStringConvertible {
    /// ISO 8601 in UTC to the second: `2026-11-20T08:00:00Z`.
    package var description: String {
        let days = floored(to: 86_400).seconds / 86_400
        let date = civilDate(ofDay: days)
        let time = seconds - days * 86_400
        return "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))"
            + "T\(padded(time / 3600, 2)):\(padded(time / 60 % 60, 2)):\(padded(time % 60, 2))Z"
    }

    /// Reads an ISO 8601 date and time with a zone (`Z` or `+hh:mm`), or whole Unix seconds with a leading `@`.
    ///
    /// A fraction of a second is rounded up, so that an instant never claims to be earlier than it was.
    ///
    /// - Parameter text: For example `2026-11-20T08:00:00Z`, `2026-11-20 08:00+01:00`, `2026-11-20T08:00:00.250Z`, `@1795161600`.
    /// The result is nil where the text is none of these, or names a day or a time that does not exist or has no year of four digits.
    package init?(text: String) {
        if text.hasPrefix("@") {
            guard let seconds = Int(text.dropFirst()), fourDigitYears.contains(seconds) else { return nil }
            self.init(seconds)
            return
        }
        var reader = TextReader(text)
        guard let year = reader.digits(4), reader.skip("-"), let month = reader.digits(2), reader.skip("-"),
            let day = reader.digits(2), reader.skip("T") || reader.skip("t") || reader.skip(" "),
            let hour = reader.digits(2), reader.skip(":"), let minute = reader.digits(2)
        else { return nil }
        var second = 0
        var fraction = false
        if reader.skip(":") {
            guard let read = reader.digits(2) else { return nil }
            second = read
            if reader.skip(".") {
                guard let nonZero = reader.fraction() else { return nil }
                fraction = nonZero
            }
        }
        guard let offset = reader.zone(), reader.isAtEnd else { return nil }
        guard (1...12).contains(month), (1...daysIn(month: month, year: year)).contains(day),
            (0...23).contains(hour), (0...59).contains(minute), (0...60).contains(second)
        else { return nil }
        let days = dayNumber(year: year, month: month, day: day)
        self.init(days * 86_400 + hour * 3600 + minute * 60 + second - offset + (fraction ? 1 : 0))
    }
}

/// From 0000-01-01T00:00:00Z to 9999-12-31T23:59:59Z, in seconds since the epoch.
private let fourDigitYears = -62_167_219_200...253_402_300_799

private struct TextReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    var isAtEnd: Bool { position == bytes.count }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    mutating func digits(_ count: Int) -> Int? {
        guard position + count <= bytes.count else { return nil }
        var number = 0
        for byte in bytes[position..<position + count] {
            guard (0x30...0x39).contains(byte) else { return nil }
            number = number * 10 + Int(byte - 0x30)
        }
        position += count
        return number
    }

    mutating func fraction() -> Bool? {
        let start = position
        var nonZero = false
        while position < bytes.count, (0x30...0x39).contains(bytes[position]) {
            if bytes[position] != 0x30 { nonZero = true }
            position += 1
        }
        return position > start ? nonZero : nil
    }

    mutating func zone() -> Seconds? {
        if skip("Z") || skip("z") { return 0 }
        let sign: Int
        if skip("+") {
            sign = 1
        } else if skip("-") {
            sign = -1
        } else {
            return nil
        }
        guard let hours = digits(2), hours <= 23 else { return nil }
        _ = skip(":")
        guard let minutes = digits(2), minutes <= 59 else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }
}

private func padded(_ number: Int, _ width: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, width - text.count)) + text
}

private func daysIn(month: Int, year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
}

/// The number of days from 1970-01-01 to a date of the proleptic Gregorian calendar (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
private func dayNumber(year: Int, month: Int, day: Int) -> Int {
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
}

private func civilDate(ofDay number: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = number + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth + (shiftedMonth < 10 ? 3 : -9)
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
}
