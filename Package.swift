// swift-tools-version: 6.2

import PackageDescription

// Build and test with `--explicit-target-dependency-import-check error`: together with the dependency lists below it
// enforces which layer may import which (System < Platform < Contracts, Domain, Connectors < Workers < Executables).

/// Every Swift target.
let strict: [SwiftSetting] = [
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0335-existential-any.md
    .enableUpcomingFeature("ExistentialAny"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0444-member-import-visibility.md
    .enableUpcomingFeature("MemberImportVisibility"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0409-access-level-on-imports.md
    .enableUpcomingFeature("InternalImportsByDefault"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0461-async-function-isolation.md
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0480-swiftpm-warning-control.md
    .treatAllWarnings(as: .error),
]

/// Targets that touch C: https://github.com/swiftlang/swift-evolution/blob/main/proposals/0458-strict-memory-safety.md
let wrapsC: [SwiftSetting] = strict + [.strictMemorySafety()]

let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let coreMetrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let httpServer = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let httpClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let yaml = Target.Dependency.product(name: "Yams", package: "Yams")
let nio = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioSockets = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioFoundation = Target.Dependency.product(name: "NIOFoundationCompat", package: "swift-nio")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")

let package = Package(
    name: "scrm-fleet",
    dependencies: [
        // Command lines of the workers, scrm, dev-broker and wecom-sandbox.
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        // Settings from flags, environment and file, with secrets marked.
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: ["JSON", "YAML"]),
        // HMAC, SHA-256, the cipher of call-backs and, later, the archive keys.
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        // Header fields of the HTTP server.
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        // Logging interface.
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        // Metrics interface.
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        // Byte buffers at the edge of the HTTP client and server.
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        // HTTP server: health, metrics, the alert page, the WeCom sandbox.
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        // YAML of rules, directory and corps, with line numbers for errors.
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        // HTTP client: group robots and webhooks.
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        // Start and graceful shutdown in order.
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // MARK: System
        .systemLibrary(
            name: "CLibrdkafka", path: "Sources/System/CLibrdkafka", pkgConfig: "rdkafka",
            providers: [.apt(["librdkafka-dev"])]),
        .systemLibrary(
            name: "CLibpq", path: "Sources/System/CLibpq", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CMalloc", path: "Sources/System/CMalloc"),
        .target(
            name: "CSimdjson", path: "Sources/System/CSimdjson",
            cxxSettings: [.unsafeFlags(["-O3", "-DNDEBUG"])],
            linkerSettings: [.linkedLibrary("simdjson"), .linkedLibrary("stdc++")]),
        .target(
            name: "CRE2", path: "Sources/System/CRE2", cxxSettings: [.unsafeFlags(["-O2", "-DNDEBUG"])],
            linkerSettings: [.linkedLibrary("re2"), .linkedLibrary("stdc++")]),

        // MARK: Platform
        .target(name: "Records", path: "Sources/Platform/Records", swiftSettings: wrapsC),
        .target(
            name: "Kafka", dependencies: ["CLibrdkafka", "Records", logging], path: "Sources/Platform/Kafka",
            swiftSettings: wrapsC),
        .target(
            name: "Postgres", dependencies: ["CLibpq", lifecycle, logging], path: "Sources/Platform/Postgres",
            swiftSettings: wrapsC),
        .target(name: "JSON", dependencies: ["CSimdjson"], path: "Sources/Platform/JSON", swiftSettings: wrapsC),
        .target(name: "PatternMatching", path: "Sources/Platform/PatternMatching", swiftSettings: strict),
        .target(
            name: "RegularExpressions", dependencies: ["CRE2"], path: "Sources/Platform/RegularExpressions",
            swiftSettings: wrapsC),
        .target(
            name: "WorkerRuntime", dependencies: ["Records", logging, coreMetrics],
            path: "Sources/Platform/WorkerRuntime",
            swiftSettings: strict),
        .target(
            name: "RuntimeSimulation", dependencies: ["WorkerRuntime", "Records", logging],
            path: "Sources/Platform/RuntimeSimulation", swiftSettings: strict),
        .target(
            name: "LaneStorage", dependencies: ["WorkerRuntime", "Records", "Postgres", logging],
            path: "Sources/Platform/LaneStorage", swiftSettings: strict),
        .target(
            name: "Operations", dependencies: [coreMetrics, logging, httpServer, httpTypes, nio, lifecycle],
            path: "Sources/Platform/Operations", swiftSettings: strict),
        .target(
            name: "WorkerHost",
            dependencies: [
                "WorkerRuntime", "LaneStorage", "Records", "Kafka", "Postgres", "Operations", "CMalloc",
                argumentParser, configuration, crypto, lifecycle, signals, logging, metrics, coreMetrics, yaml,
            ],
            path: "Sources/Platform/WorkerHost", swiftSettings: strict),

        // MARK: Contracts
        .target(
            name: "Contracts", path: "Sources/Contracts",
            resources: [.embedInCode("Migrations"), .embedInCode("Schemas")], swiftSettings: strict),

        // MARK: Domain
        .target(
            name: "ConversationArchive", dependencies: ["Contracts", "JSON"],
            path: "Sources/Domain/ConversationArchive", swiftSettings: strict),
        .target(
            name: "SensitiveWords", dependencies: ["Contracts", "PatternMatching", "RegularExpressions"],
            path: "Sources/Domain/SensitiveWords", swiftSettings: strict),
        .target(name: "Alerting", dependencies: ["Contracts"], path: "Sources/Domain/Alerting", swiftSettings: strict),
        .target(
            name: "TagScoring", dependencies: ["Contracts", "JSON"], path: "Sources/Domain/TagScoring",
            swiftSettings: strict),
        .target(
            name: "Campaigns", dependencies: ["Contracts"], path: "Sources/Domain/Campaigns", swiftSettings: strict),

        // MARK: Connectors
        .target(
            name: "WeCom",
            dependencies: ["Contracts", httpClient, crypto, cryptoExtras, nio, nioSockets, nioHTTP, logging],
            path: "Sources/Connectors/WeCom", swiftSettings: strict),
        .target(
            name: "WeComSandbox",
            dependencies: [
                httpServer, httpClient, httpTypes, nio, nioHTTP, nioFoundation, crypto, cryptoExtras, logging,
                lifecycle,
            ],
            path: "Sources/Connectors/WeComSandbox", swiftSettings: strict),

        // MARK: Workers
        .target(
            name: "ArchiveIngest",
            dependencies: [
                "ConversationArchive", "Contracts", "WorkerRuntime", "WorkerHost", "LaneStorage", "Records", "Postgres",
                "JSON", logging,
            ],
            path: "Sources/Workers/ArchiveIngest", swiftSettings: strict),
        .target(
            name: "SensitiveWordMonitor",
            dependencies: [
                "SensitiveWords", "ConversationArchive", "Contracts", "WorkerRuntime", "WorkerHost", "LaneStorage",
                "Records", "Postgres", "JSON", "PatternMatching", crypto, logging,
            ],
            path: "Sources/Workers/SensitiveWordMonitor", swiftSettings: strict),
        .target(
            name: "AlertNotifier",
            dependencies: [
                "Alerting", "WeCom", "Contracts", "WorkerRuntime", "WorkerHost", "LaneStorage", "Records", "Postgres",
                httpServer, httpTypes, nio, crypto, logging, metrics, coreMetrics, lifecycle,
            ],
            path: "Sources/Workers/AlertNotifier", swiftSettings: strict),
        .target(
            name: "TagScorer",
            dependencies: [
                "TagScoring", "Contracts", "WorkerRuntime", "WorkerHost", "Records", "Postgres", "JSON", logging,
                metrics,
                coreMetrics,
            ],
            path: "Sources/Workers/TagScorer", swiftSettings: strict),

        .target(
            name: "CampaignDispatcher",
            dependencies: [
                "Campaigns", "WeCom", "Contracts", "WorkerRuntime", "WorkerHost", "LaneStorage", "Records", "Postgres",
                crypto, logging, metrics, coreMetrics,
            ],
            path: "Sources/Workers/CampaignDispatcher", swiftSettings: strict),

        // MARK: Operator (the library under scrm)
        .target(
            name: "FleetOperator",
            dependencies: [
                "Alerting", "Campaigns", "ConversationArchive", "SensitiveWords", "TagScoring", "Contracts",
                "WorkerRuntime", "WorkerHost", "Records", "Kafka", "Postgres", "JSON", "WeCom", argumentParser,
                configuration, crypto, logging, yaml,
            ],
            path: "Sources/Operator/FleetOperator", swiftSettings: strict),

        // MARK: Executables
        .executableTarget(
            name: "archive-ingest", dependencies: ["ArchiveIngest", "Contracts", "WorkerHost", argumentParser],
            path: "Sources/Executables/archive-ingest", swiftSettings: strict),
        .executableTarget(
            name: "sensitive-word-monitor",
            dependencies: ["SensitiveWordMonitor", "Contracts", "WorkerHost", argumentParser],
            path: "Sources/Executables/sensitive-word-monitor", swiftSettings: strict),
        .executableTarget(
            name: "alert-notifier",
            dependencies: ["AlertNotifier", "Alerting", "WeCom", "Contracts", "WorkerHost", argumentParser],
            path: "Sources/Executables/alert-notifier", swiftSettings: strict),
        .executableTarget(
            name: "tag-scorer", dependencies: ["TagScorer", "TagScoring", "Contracts", "WorkerHost", argumentParser],
            path: "Sources/Executables/tag-scorer", swiftSettings: strict),
        .executableTarget(
            name: "campaign-dispatcher",
            dependencies: ["CampaignDispatcher", "Campaigns", "WeCom", "Contracts", "WorkerHost", argumentParser],
            path: "Sources/Executables/campaign-dispatcher", swiftSettings: strict),
        .executableTarget(
            name: "scrm", dependencies: ["FleetOperator", argumentParser], path: "Sources/Executables/scrm",
            swiftSettings: strict),
        .executableTarget(
            name: "dev-broker", dependencies: ["Kafka", "Contracts", argumentParser, logging],
            path: "Sources/Executables/dev-broker", swiftSettings: strict),
        .executableTarget(
            name: "wecom-sandbox", dependencies: ["WeComSandbox", argumentParser, logging, lifecycle, signals],
            path: "Sources/Executables/wecom-sandbox", swiftSettings: strict),

        // MARK: Tests
        .target(
            name: "TestSupport",
            dependencies: [
                "Kafka", "Postgres", "Records", "Contracts", "WorkerHost", "WorkerRuntime", "WeComSandbox", logging,
            ],
            path: "Tests/TestSupport", swiftSettings: strict),
        .testTarget(
            name: "DomainTests",
            dependencies: [
                "ConversationArchive", "SensitiveWords", "Alerting", "Campaigns", "TagScoring", "Contracts", "JSON",
                "TestSupport",
            ],
            path: "Tests/DomainTests", swiftSettings: strict),
        .testTarget(
            name: "ContractsTests", dependencies: ["Contracts", "TestSupport"], path: "Tests/ContractsTests",
            swiftSettings: strict),
        .testTarget(
            name: "PlatformTests",
            dependencies: [
                "Kafka", "Postgres", "JSON", "PatternMatching", "RegularExpressions", "Records", "WorkerRuntime",
                "RuntimeSimulation", "Operations", "WorkerHost", "LaneStorage", "TestSupport", logging, coreMetrics,
                argumentParser,
            ],
            path: "Tests/PlatformTests", swiftSettings: strict),
        .testTarget(
            name: "WorkersTests",
            dependencies: [
                "ArchiveIngest", "SensitiveWordMonitor", "AlertNotifier", "CampaignDispatcher", "Campaigns",
                "TagScoring", "WeCom", "WeComSandbox", "FleetOperator",
                "Alerting", "ConversationArchive", "SensitiveWords", "Contracts", "WorkerRuntime", "WorkerHost",
                "Records",
                "TestSupport", argumentParser, httpClient, nio, logging,
            ],
            path: "Tests/WorkersTests", swiftSettings: strict),
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "ArchiveIngest", "ConversationArchive", "SensitiveWordMonitor", "AlertNotifier", "CampaignDispatcher",
                "Campaigns", "TagScorer", "TagScoring", "FleetOperator",
                "LaneStorage", "WorkerHost", "WorkerRuntime", "Kafka", "Postgres", "Records", "Contracts",
                "TestSupport", "JSON", "Alerting",
                "WeCom",
                "WeComSandbox", httpClient, nio, logging,
            ],
            path: "Tests/IntegrationTests", swiftSettings: strict),
        // A worker whose effect cannot be repeated unnoticed, to show what the runtime's protections are for.
        .executableTarget(
            name: "counting-worker",
            dependencies: [
                "ConversationArchive", "Contracts", "WorkerRuntime", "WorkerHost", "LaneStorage", "Records", "Kafka",
                "Postgres", "TestSupport", argumentParser, logging,
            ],
            path: "Tests/CountingWorker", swiftSettings: strict),
        // Lives of a small simulated fleet, each by its seed.
        .executableTarget(
            name: "simulate", dependencies: ["RuntimeSimulation", argumentParser], path: "Tests/Simulate",
            swiftSettings: strict),
        // What archive-ingest spends on a message, without broker and database.
        .executableTarget(
            name: "ingest-cost",
            dependencies: [
                "ArchiveIngest", "ConversationArchive", "Contracts", "JSON", "Kafka", "WorkerHost", "WorkerRuntime",
                "Records", argumentParser, logging,
            ],
            path: "Tests/Benchmarks/IngestCost", swiftSettings: strict),
        // What matching costs, raw and folded.
        .executableTarget(
            name: "match-cost", dependencies: ["PatternMatching", "SensitiveWords", "Contracts", argumentParser],
            path: "Tests/Benchmarks/MatchCost", swiftSettings: strict),
        // What the lane's statements add to a transaction.
        .executableTarget(
            name: "lane-cost",
            dependencies: [
                "ArchiveIngest", "ConversationArchive", "Contracts", "Kafka", "LaneStorage", "Postgres", "TestSupport",
                "WorkerHost", "WorkerRuntime", argumentParser, logging,
            ],
            path: "Tests/Benchmarks/LaneCost", swiftSettings: strict),
        // How long an alert takes through all workers.
        .executableTarget(
            name: "latency", dependencies: ["Contracts", "Kafka", "Postgres", "Records", argumentParser, logging],
            path: "Tests/Benchmarks/Latency", swiftSettings: strict),
        // The real programs as processes, faults that happen to them, and an oracle of what must come of their input.
        .target(
            name: "FleetHarness",
            dependencies: [
                "Kafka", "Postgres", "Records", "Contracts", "TestSupport", httpClient, nio, nioFoundation, nioHTTP,
                nioSockets, logging,
            ],
            path: "Tests/FleetHarness", swiftSettings: strict),
        // scripts/chaos.
        .executableTarget(
            name: "chaos",
            dependencies: ["FleetHarness", "Postgres", "Contracts", "TestSupport", argumentParser, logging],
            path: "Tests/Chaos", swiftSettings: strict),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "FleetHarness", "Kafka", "Postgres", "Records", "Contracts", "TestSupport", "counting-worker", "chaos",
                logging,
            ],
            path: "Tests/EndToEndTests", swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
