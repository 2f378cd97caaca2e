import Foundation

/// The system's clock, in seconds of unix time.
package let systemWallClock: @Sendable () -> Double = { Date().timeIntervalSince1970 }
