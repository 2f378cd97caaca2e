// The benchmarks have Swift's libraries inside, among which this one is not.
#if canImport(Testing)
    package import Testing

    /// Takes tests that keep the machine busy in turn, and off the threads that all other tests share.
    ///
    /// Swift runs asynchronous code on as many threads as there are cores. A test that calculates for seconds, or waits in
    /// a call for a process, a disk or a lock, holds one of them for so long; a few such tests at once, and the servers and
    /// clients of all others stand still until their deadlines have passed.
    package struct HeavyTests: SuiteTrait, TestTrait, TestScoping {
        /// Whether it is taken before the others, as the whole run lasts as long as it does.
        fileprivate let isLong: Bool

        package var isRecursive: Bool { true }

        package func provideScope(
            for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
        ) async throws {
            try await withTurn(isLong: isLong, function)
        }
    }

    extension Trait where Self == HeavyTests {
        /// Runs no more than three such tests, or cases of them, at the same time, and on threads of their own.
        package static var heavy: HeavyTests { HeavyTests(isLong: false) }

        /// The same of tests that take many seconds each, which therefore go first.
        package static var heavyAndLong: HeavyTests { HeavyTests(isLong: true) }
    }
#endif
