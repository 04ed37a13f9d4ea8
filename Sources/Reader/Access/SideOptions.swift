package import Commands
import Options
package import Postgres

/// The two databases between which the pipeline lies.
package struct SideOptions: Options {
    @Option(
        environment: "HANDOVER_SOURCE_URL",
        help: "Source database, through HAProxy's leader port.",
        valueName: "url"
    )
    package var source: ConnectionOptions

    @Option(environment: "HANDOVER_DESTINATION_URL", help: "Destination database.", valueName: "url")
    package var destination: ConnectionOptions

    package init() {}
}
