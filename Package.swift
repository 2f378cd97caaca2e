// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "hotfix",
    products: [.executable(name: "hotfix", targets: ["hotfix"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras.git", exact: "1.35.2"),
        .package(url: "https://github.com/apple/swift-protobuf", exact: "1.39.0", traits: []),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1", traits: []),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", exact: "1.0.2", traits: []),
    ],
    targets: [
        .target(name: "CCurl"),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "HotfixCore"),
        .target(name: "HotfixHTTP", dependencies: ["CCurl"]),
        .target(
            name: "HotfixConfiguration",
            dependencies: ["HotfixCore", .product(name: "Yams", package: "Yams")]
        ),
        .target(name: "HotfixSources", dependencies: ["HotfixCore", "HotfixHTTP"]),
        .target(
            name: "HotfixStore",
            dependencies: ["HotfixCore", .product(name: "GRDB", package: "GRDB.swift")]
        ),
        .target(
            name: "HotfixAgent",
            dependencies: ["HotfixCore", .product(name: "Logging", package: "swift-log")]
        ),
        .target(
            name: "HotfixDemo",
            dependencies: [
                "HotfixCore",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]
        ),
        .target(
            name: "HotfixServer",
            dependencies: [
                "HotfixCore", "HotfixPage",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),
        .target(
            name: "HotfixOTLP",
            dependencies: ["CZlib", "HotfixCore", .product(name: "SwiftProtobuf", package: "swift-protobuf")],
            exclude: ["Generated/proto"]
        ),
        .target(name: "HotfixCalls", dependencies: ["HotfixCore", "HotfixHTTP"]),
        .target(
            name: "HotfixChannels",
            dependencies: [
                "HotfixCalls", "HotfixCore", "HotfixHTTP", "HotfixPlot",
                .product(name: "Crypto", package: "swift-crypto"),
            ]
        ),
        .target(
            name: "HotfixTracker",
            dependencies: [
                "HotfixCalls", "HotfixCore", "HotfixHTTP", .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ]
        ),
        .target(
            name: "HotfixRelease",
            dependencies: [
                "HotfixCalls", "HotfixCore", "HotfixHTTP", .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Yams", package: "Yams"),
            ]
        ),
        .target(name: "HotfixPlot", dependencies: ["CZlib", "HotfixCore"]),
        .target(name: "HotfixPage", dependencies: ["HotfixCore", "HotfixPlot"]),
        .target(
            name: "HotfixCommands",
            dependencies: [
                "HotfixAgent", "HotfixCalls", "HotfixChannels", "HotfixConfiguration", "HotfixCore", "HotfixDemo",
                "HotfixHTTP", "HotfixOTLP", "HotfixPage", "HotfixPlot", "HotfixRelease", "HotfixServer",
                "HotfixSources",
                "HotfixStore", "HotfixTracker",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]
        ),
        .executableTarget(
            name: "hotfix", dependencies: ["HotfixCommands"],
            // A check lasts some hundredths of a second: without symbols, exports and one entry for each relocation, the loader
            // touches five megabytes less. Packed relocations want glibc 2.36, which Debian 12 has, and LLVM's linker.
            linkerSettings: [
                .unsafeFlags(
                    [
                        "-use-ld=lld", "-Xlinker", "-s", "-Xlinker", "-z", "-Xlinker", "pack-relative-relocs",
                        "-Xlinker",
                        "--no-export-dynamic", "-Xlinker", "--exclude-libs=ALL",
                    ], .when(configuration: .release))
            ]),
        .target(
            name: "HotfixTestSupport",
            dependencies: [
                "CZlib", "HotfixAgent", "HotfixCore",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .testTarget(name: "HotfixCoreTests", dependencies: ["HotfixCore", "HotfixTestSupport"]),
        .testTarget(name: "HotfixHTTPTests", dependencies: ["HotfixHTTP", "HotfixDemo", "HotfixTestSupport"]),
        .testTarget(name: "HotfixConfigurationTests", dependencies: ["HotfixConfiguration", "HotfixCore"]),
        .testTarget(
            name: "HotfixSourcesTests",
            dependencies: ["HotfixSources", "HotfixCore", "HotfixDemo", "HotfixHTTP", "HotfixTestSupport"]
        ),
        .testTarget(
            name: "HotfixOTLPTests",
            dependencies: [
                "HotfixCore", "HotfixOTLP", "HotfixStore", "HotfixTestSupport",
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ],
            resources: [.copy("Data")]
        ),
        .testTarget(
            name: "HotfixStoreTests",
            dependencies: [
                "HotfixStore", "HotfixCore", "HotfixTestSupport", .product(name: "GRDB", package: "GRDB.swift"),
            ]),
        .testTarget(
            name: "HotfixTrackerTests",
            dependencies: [
                "HotfixTracker", "HotfixCalls", "HotfixCore", "HotfixDemo", "HotfixHTTP", "HotfixTestSupport",
            ]),
        .testTarget(
            name: "HotfixReleaseTests",
            dependencies: [
                "HotfixRelease", "HotfixCalls", "HotfixCore", "HotfixDemo", "HotfixHTTP", "HotfixTestSupport",
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        .testTarget(name: "HotfixCallsTests", dependencies: ["HotfixCalls", "HotfixCore", "HotfixDemo", "HotfixHTTP"]),
        .testTarget(
            name: "HotfixChannelsTests",
            dependencies: [
                "HotfixCalls", "HotfixChannels", "HotfixCore", "HotfixDemo", "HotfixHTTP", "HotfixPlot",
                "HotfixTestSupport",
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        .testTarget(name: "HotfixPageTests", dependencies: ["HotfixPage", "HotfixCore", "HotfixPlot"]),
        .testTarget(name: "HotfixPlotTests", dependencies: ["HotfixPlot", "HotfixCore", "CZlib"]),
        .testTarget(
            name: "HotfixServerTests",
            dependencies: [
                "HotfixServer", "HotfixCore", "HotfixHTTP", "HotfixTestSupport",
                .product(name: "Logging", package: "swift-log"),
            ]),
        .testTarget(
            name: "HotfixAgentTests",
            dependencies: ["HotfixAgent", "HotfixCore", "HotfixStore", "HotfixTestSupport"]
        ),
        .testTarget(
            name: "HotfixCommandsTests",
            dependencies: [
                "HotfixAgent", "HotfixCommands", "HotfixConfiguration", "HotfixCore", "HotfixDemo", "HotfixHTTP",
                "HotfixOTLP", "HotfixServer", "HotfixStore", "HotfixTestSupport", "HotfixTracker",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]
        ),
        .testTarget(
            name: "HotfixProcessTests",
            dependencies: [
                "HotfixCommands", "HotfixCore", "HotfixDemo", "HotfixOTLP", "HotfixStore", "HotfixTestSupport",
                "hotfix",
            ]),
    ],
    swiftLanguageModes: [.v6]
)

// The benchmarks are built by `make bench` alone.
if Context.environment["HOTFIX_BENCHMARKS"] != nil {
    package.products.append(.executable(name: "steady-check", targets: ["SteadyCheck"]))
    package.targets.append(
        .executableTarget(
            name: "SteadyCheck", dependencies: ["HotfixCore", "HotfixDemo", "HotfixHTTP", "HotfixTestSupport"],
            path: "Benchmarks/SteadyCheck"))
    package.products.append(.executable(name: "otlp-ingest", targets: ["OTLPIngest"]))
    package.targets.append(
        .executableTarget(
            name: "OTLPIngest", dependencies: ["HotfixCore", "HotfixOTLP", "HotfixStore"], path: "Benchmarks/OTLPIngest"
        ))
    package.products.append(.executable(name: "status-against-node", targets: ["StatusAgainstNode"]))
    package.targets.append(
        .executableTarget(
            name: "StatusAgainstNode", dependencies: ["HotfixTestSupport"], path: "Benchmarks/StatusAgainstNode"))
    package.products.append(.executable(name: "serve-load", targets: ["ServeLoad"]))
    package.targets.append(
        .executableTarget(
            name: "ServeLoad", dependencies: ["HotfixCore", "HotfixDemo", "HotfixTestSupport"],
            path: "Benchmarks/ServeLoad"))
}

for target in package.targets where target.type != .system {
    target.swiftSettings =
        (target.swiftSettings ?? []) + [
            .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility"),
            .enableUpcomingFeature("InternalImportsByDefault"),
            .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        ]
}
