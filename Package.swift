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

/// Settings of what runs: every file imports Text, whose door says why.
let careful = strict + [.unsafeFlags(["-Xfrontend", "-import-module", "-Xfrontend", "Text"])]

/// A room of its own: it imports nothing of the project but Text and what is named here.
func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(
        name: name,
        dependencies: ["Text"] + dependencies,
        path: "Sources/Shared/\(name)",
        swiftSettings: careful
    )
}

/// A C library of Debian's, as pkg-config finds it.
func library(_ name: String, _ pkgConfig: String, from package: String) -> Target {
    .systemLibrary(
        name: name,
        path: "Sources/Shared/\(name)",
        pkgConfig: pkgConfig,
        providers: [.apt([package])]
    )
}

let rooms: [Target.Dependency] = [
    "Text", "Shared", "Commands", "Logs", "Services", "Histogram", "HTTPServer", "HTTPRequests",
]

/// A part of a program that is a module of its own: it knows the model, and nothing else of the program.
func part(_ name: String, of program: String) -> Target {
    .target(name: name, dependencies: rooms, path: "Sources/\(program)/\(name)", swiftSettings: careful)
}

func program(_ name: String, over parts: [String] = [], resources: [Resource] = []) -> Target {
    .executableTarget(
        name: name,
        dependencies: rooms + parts.map { .target(name: $0) },
        path: "Sources/\(name)",
        exclude: parts,
        resources: resources,
        swiftSettings: careful
    )
}

func tests(_ name: String, of modules: String..., exclude: [String] = []) -> Target {
    .testTarget(
        name: name,
        dependencies: rooms + ["HostileTexts"] + modules.map { .target(name: $0) },
        path: "Tests/\(name)",
        exclude: exclude,
        swiftSettings: strict
    )
}

func roomTests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: "\(name)Tests",
        dependencies: [.target(name: name), "HostileTexts"] + dependencies,
        path: "Tests/\(name)Tests",
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
    targets: [
        library("CLibPQ", "libpq", from: "libpq-dev"),
        library("CRDKafka", "rdkafka", from: "librdkafka-dev"),
        library("CMicroHTTPD", "libmicrohttpd", from: "libmicrohttpd-dev"),
        library("CCurl", "libcurl", from: "libcurl4-openssl-dev"),
        // Not Swift: the compiler embeds the file VERSION, and git's own word for the commit.
        .target(
            name: "CRelease",
            path: "Sources/Shared/CRelease",
            cSettings: [.define("HANDOVER_COMMIT", to: "\"\(Context.environment["HANDOVER_COMMIT"] ?? "")\"")]
        ),
        .target(name: "Text", path: "Sources/Shared/Text", swiftSettings: strict),
        room("Commands"),
        room("Logs"),
        room("Services"),
        room("Histogram"),
        room("HTTPServer", ["CMicroHTTPD", "Logs", "Services"]),
        room("HTTPRequests", ["CCurl"]),
        .target(
            name: "Shared",
            dependencies: [
                "CLibPQ", "CRDKafka", "CRelease",
                "Text", "Commands", "Logs", "Services", "Histogram", "HTTPServer", "HTTPRequests",
            ],
            path: "Sources/Shared",
            exclude: [
                "CLibPQ", "CRDKafka", "CMicroHTTPD", "CCurl", "CRelease",
                "Text", "Commands", "Logs", "Services", "Histogram", "HTTPServer", "HTTPRequests",
            ],
            swiftSettings: careful
        ),
        program("Writer"),
        program("Sink"),
        part("Compare", of: "Reader"),
        // In the program's own bytes: a file beside it would be missed when it is copied elsewhere.
        program("Reader", over: ["Compare"], resources: [.embedInCode("Watch/Page/watch.html")]),
        // What attackers write, as one list for all tests.
        .target(name: "HostileTexts", path: "Tests/HostileTexts", swiftSettings: strict),
        roomTests("Text"),
        roomTests("Commands"),
        roomTests("Logs"),
        roomTests("Services"),
        roomTests("Histogram"),
        roomTests("HTTPServer", ["Logs", "Services"]),
        roomTests("HTTPRequests"),
        tests("SharedTests"),
        tests("WriterTests", of: "Writer"),
        tests("SinkTests", of: "Sink"),
        tests("ReaderTests", of: "Reader", "Compare"),
        // Scripts that play attackers and proxies: the tests run them from where they lie.
        tests("PipelineTests", of: "Reader", exclude: ["Attack", "Access"]),
    ]
)
