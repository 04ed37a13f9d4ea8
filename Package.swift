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

/// A part of a program that is a module of its own: it knows the model, and of the program what is named here.
func part(_ name: String, of program: String, over parts: [String] = [], resources: [Resource] = []) -> Target
{
    .target(
        name: name,
        dependencies: rooms + parts.map { .target(name: $0) },
        path: "Sources/\(program)/\(name)",
        resources: resources,
        swiftSettings: careful
    )
}

/// A program over its parts; those of them that its own files name are in `over`.
func program(_ name: String, over parts: [String] = [], parts others: [String] = []) -> Target {
    .executableTarget(
        name: name,
        dependencies: rooms + parts.map { .target(name: $0) },
        path: "Sources/\(name)",
        exclude: parts + others,
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
        part("Formats", of: "Sink"),
        program("Sink", over: ["Formats"]),
        part("Access", of: "Reader"),
        part("Journal", of: "Reader"),
        part("Slots", of: "Reader", over: ["Access"]),
        part("Tables", of: "Reader", over: ["Access"]),
        part("Compare", of: "Reader"),
        part("Guard", of: "Reader", over: ["Access", "Slots"]),
        part("Verify", of: "Reader", over: ["Access", "Journal", "Slots", "Tables"]),
        // In the program's own bytes: a file beside it would be missed when it is copied elsewhere.
        part(
            "Watch",
            of: "Reader",
            over: ["Access", "Slots", "Tables"],
            resources: [.embedInCode("Page/watch.html")]
        ),
        program(
            "Reader",
            over: ["Compare", "Guard", "Journal", "Verify", "Watch"],
            parts: ["Access", "Slots", "Tables"]
        ),
        // What attackers write, as one list for all tests.
        .target(name: "HostileTexts", path: "Tests/HostileTexts", swiftSettings: strict),
        roomTests("Text"),
        roomTests("Commands"),
        roomTests("Logs"),
        roomTests("Services"),
        roomTests("Histogram"),
        roomTests("HTTPServer", ["Logs", "Services"]),
        roomTests("HTTPRequests", ["CCurl", "Text"]),
        tests("SharedTests", of: "CRDKafka"),
        tests("WriterTests", of: "Writer"),
        tests("SinkTests", of: "Sink", "Formats"),
        tests(
            "ReaderTests",
            of: "Reader",
            "Access",
            "Journal",
            "Slots",
            "Tables",
            "Compare",
            "Guard",
            "Verify",
            "Watch"
        ),
        // Scripts that play attackers and proxies: the tests run them from where they lie.
        tests("PipelineTests", of: "Guard", "Sink", exclude: ["Attack", "Access"]),
    ]
)
