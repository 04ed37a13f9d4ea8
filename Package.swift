// swift-tools-version: 6.2
import PackageDescription

/// Settings of every Swift target: data-race safety, explicit `any`, imports that say who sees them.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    // `@_lifetime` lets a view of borrowed bytes be a type instead of a closure. Experimental, but it only
    // changes what the compiler accepts, never what it generates.
    .enableExperimentalFeature("Lifetimes"),
    .treatAllWarnings(as: .error),
]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let nio = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let histogram = Target.Dependency.product(name: "Histogram", package: "hdrhistogram-swift")

func program(_ name: String, resources: [Resource] = []) -> Target {
    .executableTarget(
        name: name,
        dependencies: ["Shared", argumentParser, logging, serviceLifecycle, unixSignals],
        path: "Sources/\(name)",
        resources: resources,
        swiftSettings: strict
    )
}

func tests(_ name: String, of program: String? = nil) -> Target {
    .testTarget(
        name: name,
        dependencies: ["Shared"] + (program.map { [.target(name: $0)] } ?? []),
        path: "Tests/\(name)",
        swiftSettings: strict
    )
}

let package = Package(
    name: "handover",
    products: [
        .executable(name: "writer", targets: ["Writer"]),
        .executable(name: "sink", targets: ["Sink"]),
        .executable(name: "reader", targets: ["Reader"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        // Without its traits: no configuration files of its own.
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        // Hummingbird's own: the types that its interface is made of.
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    ],
    targets: [
        .systemLibrary(
            name: "CLibPQ",
            path: "Sources/Shared/CLibPQ",
            pkgConfig: "libpq",
            providers: [.apt(["libpq-dev"])]
        ),
        .systemLibrary(
            name: "CRDKafka",
            path: "Sources/Shared/CRDKafka",
            pkgConfig: "rdkafka",
            providers: [.apt(["librdkafka-dev"])]
        ),
        .target(
            name: "Shared",
            dependencies: [
                "CLibPQ", "CRDKafka", logging, histogram, hummingbird, nio, httpTypes, serviceLifecycle,
            ],
            path: "Sources/Shared",
            exclude: ["CLibPQ", "CRDKafka"],
            swiftSettings: strict
        ),
        program("Writer"),
        program("Sink"),
        // In the program's own bytes: a file beside it would be missed when it is copied elsewhere.
        program("Reader", resources: [.embedInCode("Watch/Page/watch.html")]),
        tests("SharedTests"),
        tests("WriterTests", of: "Writer"),
        tests("SinkTests", of: "Sink"),
        tests("ReaderTests", of: "Reader"),
        tests("PipelineTests"),
    ]
)
