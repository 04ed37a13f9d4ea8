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

/// A room of what the programs share: it imports nothing of the project but Text and what is named here.
func room(_ name: String, _ dependencies: Target.Dependency...) -> Target {
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

/// A part of a program that is a module of its own.
func part(
    _ name: String,
    of program: String,
    over dependencies: [Target.Dependency],
    resources: [Resource] = []
) -> Target {
    .target(
        name: name,
        dependencies: ["Text"] + dependencies,
        path: "Sources/\(program)/\(name)",
        resources: resources,
        swiftSettings: careful
    )
}

/// A program; its folders in `parts` are modules of their own.
func program(_ name: String, over dependencies: [Target.Dependency], parts: [String] = []) -> Target {
    .executableTarget(
        name: name,
        dependencies: ["Text"] + dependencies,
        path: "Sources/\(name)",
        exclude: parts,
        swiftSettings: careful
    )
}

/// The tests of a module, or of a program with its parts.
func tests(of name: String, over dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: "\(name)Tests",
        dependencies: ["HostileTexts", .target(name: name)] + dependencies,
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
        // They know nothing of the product.
        room("Commands"),
        room("Logs"),
        room("Services"),
        room("Histogram"),
        room("JSONText"),
        room("HTTPServer", "CMicroHTTPD", "JSONText", "Logs", "Services"),
        room("HTTPRequests", "CCurl"),
        // The model, and one room for each thing that the programs speak to.
        room("Model"),
        room("Threading", "Model"),
        room("Files"),
        room("ChangeEvents"),
        room("History", "ChangeEvents", "Files", "Model"),
        room("Evidence", "History", "Model"),
        room("Postgres", "CLibPQ", "Model", "Threading"),
        room("Kafka", "CRDKafka", "Files", "Model", "Threading"),
        room("Cluster", "HTTPRequests", "JSONText", "Model"),
        room("Telemetry", "CRelease", "Commands", "HTTPServer"),
        room("Options", "Commands", "HTTPRequests", "HTTPServer", "Logs", "Postgres"),
        program(
            "Writer",
            over: [
                "Cluster", "Commands", "Evidence", "HTTPRequests", "HTTPServer", "Histogram", "History",
                "JSONText", "Logs", "Model", "Options", "Postgres", "Services", "Telemetry", "Threading",
            ]
        ),
        part("Formats", of: "Sink", over: ["ChangeEvents", "HTTPRequests", "Model"]),
        program(
            "Sink",
            over: [
                "ChangeEvents", "Cluster", "Commands", "Files", "Formats", "HTTPRequests", "HTTPServer",
                "JSONText", "Kafka",
                "Logs", "Model", "Options", "Postgres", "Services", "Telemetry", "Threading",
            ],
            parts: ["Formats"]
        ),
        part(
            "Access",
            of: "Reader",
            over: ["Cluster", "Commands", "HTTPRequests", "Kafka", "Options", "Postgres"]
        ),
        part("Slots", of: "Reader", over: ["Access", "Cluster", "Model", "Postgres", "Threading"]),
        part("Tables", of: "Reader", over: ["Access", "Model", "Postgres"]),
        part("Compare", of: "Reader", over: ["Evidence", "JSONText", "Model", "Postgres", "Threading"]),
        part(
            "Guard",
            of: "Reader",
            over: [
                "Access", "ChangeEvents", "Cluster", "Commands", "HTTPServer", "History", "JSONText", "Kafka",
                "Logs", "Model",
                "Options", "Postgres", "Services", "Slots", "Telemetry", "Threading",
            ]
        ),
        part(
            "Verify",
            of: "Reader",
            over: [
                "Access", "ChangeEvents", "Cluster", "Commands", "Evidence", "Files", "Histogram", "History",
                "JSONText", "Kafka", "Model", "Postgres", "Slots", "Tables", "Telemetry", "Threading",
            ]
        ),
        // In the program's own bytes: a file beside it would be missed when it is copied elsewhere.
        part(
            "Watch",
            of: "Reader",
            over: [
                "Access", "ChangeEvents", "Cluster", "Commands", "HTTPRequests", "HTTPServer", "Histogram",
                "History", "JSONText", "Kafka", "Logs", "Model", "Options", "Postgres", "Services", "Slots",
                "Tables",
                "Telemetry", "Threading",
            ],
            resources: [.embedInCode("Page/watch.html")]
        ),
        program(
            "Reader",
            over: [
                "Access", "Commands", "Compare", "Evidence", "Guard", "History", "Model", "Options",
                "Postgres",
                "Telemetry",
                "Verify",
                "Watch",
            ],
            parts: ["Access", "Compare", "Guard", "Slots", "Tables", "Verify", "Watch"]
        ),
        // What attackers write, as one list for all tests.
        .target(name: "HostileTexts", path: "Tests/HostileTexts", swiftSettings: strict),
        tests(of: "Text"),
        tests(of: "Commands"),
        tests(of: "Logs"),
        tests(of: "Services"),
        tests(of: "Histogram"),
        tests(of: "JSONText"),
        tests(of: "HTTPServer", over: ["Logs"]),
        tests(of: "HTTPRequests", over: ["CCurl", "Text"]),
        tests(of: "Model"),
        tests(of: "Threading"),
        tests(of: "Files", over: ["History"]),
        tests(of: "ChangeEvents"),
        tests(of: "History", over: ["ChangeEvents", "Model"]),
        tests(of: "Evidence", over: ["History", "Model", "Tables", "Verify", "Writer"]),
        tests(of: "Postgres", over: ["Model"]),
        tests(of: "Kafka", over: ["CRDKafka", "Model"]),
        tests(of: "Cluster", over: ["HTTPRequests", "Model"]),
        tests(of: "Telemetry"),
        tests(of: "Options", over: ["Commands", "Postgres", "Telemetry"]),
        tests(
            of: "Writer",
            over: [
                "Cluster", "Commands", "Evidence", "Histogram", "History", "Model", "Postgres", "Telemetry",
            ]
        ),
        tests(
            of: "Sink",
            over: [
                "ChangeEvents", "Cluster", "Commands", "Formats", "HTTPRequests", "HTTPServer", "Kafka",
                "Logs",
                "Model", "Postgres", "Telemetry", "Text", "Threading",
            ]
        ),
        tests(
            of: "Reader",
            over: [
                "Access", "ChangeEvents", "Cluster", "Commands", "Compare", "Guard", "HTTPServer",
                "Evidence", "Histogram",
                "History", "Model", "Postgres", "Sink", "Slots", "Tables", "Telemetry", "Text",
                "Threading",
                "Verify",
                "Watch", "Writer",
            ]
        ),
        // On the lab. Scripts that play attackers and proxies: the tests run them from where they lie.
        .testTarget(
            name: "PipelineTests",
            dependencies: [
                "ChangeEvents", "Cluster", "Guard", "HTTPRequests", "HostileTexts", "Kafka", "Model",
                "Postgres",
                "Sink", "Text",
            ],
            path: "Tests/PipelineTests",
            exclude: ["Attack", "Access"],
            swiftSettings: strict
        ),
    ]
)
