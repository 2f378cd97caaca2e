/// An integer of any size, for arithmetic without rounding.
struct BigInteger: Comparable {
    private var isNegative = false
    private var limbs: [UInt32] = []

    init(_ magnitude: UInt64, isNegative: Bool = false) {
        limbs = [UInt32(truncatingIfNeeded: magnitude), UInt32(truncatingIfNeeded: magnitude >> 32)]
        self.isNegative = isNegative
        normalize()
    }

    /// A finite double in units of 2^-1074, of which every double is a whole number.
    init(units value: Double) {
        let exponent = Int(value.exponentBitPattern)
        let significand = value.significandBitPattern | (exponent == 0 ? 0 : 1 << 52)
        self.init(significand, isNegative: value < 0)
        for _ in 1..<max(exponent, 1) { self = self.times(2) }
    }

    var magnitude: BigInteger {
        var magnitude = self
        magnitude.isNegative = false
        return magnitude
    }

    func times(_ factor: UInt32) -> BigInteger {
        var product = self
        var carry: UInt64 = 0
        for index in product.limbs.indices {
            carry += UInt64(product.limbs[index]) * UInt64(factor)
            product.limbs[index] = UInt32(truncatingIfNeeded: carry)
            carry >>= 32
        }
        if carry > 0 { product.limbs.append(UInt32(carry)) }
        product.normalize()
        return product
    }

    static func + (left: BigInteger, right: BigInteger) -> BigInteger {
        if left.isNegative == right.isNegative {
            var sum = left
            sum.limbs = added(left.limbs, right.limbs)
            return sum
        }
        let isLeftLarger = !isLess(left.limbs, right.limbs)
        var difference = isLeftLarger ? left : right
        difference.limbs = subtracted(isLeftLarger ? left.limbs : right.limbs, isLeftLarger ? right.limbs : left.limbs)
        difference.normalize()
        return difference
    }

    static func - (left: BigInteger, right: BigInteger) -> BigInteger {
        var negated = right
        negated.isNegative.toggle()
        negated.normalize()
        return left + negated
    }

    static func < (left: BigInteger, right: BigInteger) -> Bool {
        if left.isNegative != right.isNegative { return left.isNegative }
        return left.isNegative ? isLess(right.limbs, left.limbs) : isLess(left.limbs, right.limbs)
    }

    private mutating func normalize() {
        while limbs.last == 0 { limbs.removeLast() }
        if limbs.isEmpty { isNegative = false }
    }

    private static func isLess(_ left: [UInt32], _ right: [UInt32]) -> Bool {
        if left.count != right.count { return left.count < right.count }
        for (mine, theirs) in zip(left.reversed(), right.reversed()) where mine != theirs { return mine < theirs }
        return false
    }

    private static func added(_ left: [UInt32], _ right: [UInt32]) -> [UInt32] {
        var sum: [UInt32] = []
        var carry: UInt64 = 0
        for index in 0..<max(left.count, right.count) {
            carry += UInt64(index < left.count ? left[index] : 0) + UInt64(index < right.count ? right[index] : 0)
            sum.append(UInt32(truncatingIfNeeded: carry))
            carry >>= 32
        }
        if carry > 0 { sum.append(UInt32(carry)) }
        return sum
    }

    private static func subtracted(_ larger: [UInt32], _ smaller: [UInt32]) -> [UInt32] {
        var difference = larger
        var borrow: Int64 = 0
        for index in difference.indices {
            let digit = Int64(larger[index]) - (index < smaller.count ? Int64(smaller[index]) : 0) - borrow
            borrow = digit < 0 ? 1 : 0
            difference[index] = UInt32(truncatingIfNeeded: digit)
        }
        return difference
    }
}
