extension PropertyCatalog {
    static let url = Property.required(
        "connection.url",
        values: "`jdbc:postgresql://host:port/db?…`",
        hint: "such as jdbc:postgresql://host:5432/database",
        means: "required; several hosts with commas are tried in their order; parameters: "
            + "[below](#parameters-of-the-url)"
    )
    static let userName = Property.text(
        "connection.username",
        "connection.user",
        values: "a role",
        means: "wins over the URL's `user`; one of the two is required"
    )
    static let password = Property.text(
        "connection.password",
        values: "text",
        means: "wins over the URL's `password`"
    )
    static let timeZone = Property.word(
        "use.time.zone",
        "database.time_zone",
        "db.timezone",
        among: ["UTC"],
        shown: "UTC",
        because: "the supported types have no time zone",
        means: "values without a zone stay without one",
        peers: "any zone"
    )

    static let destination = Group(
        "Destination",
        [
            url.entry, userName.entry, password.entry,
            .effectless("connection.provider", because: pool),
            .effectless("connection.pool.*", because: pool),
            .effectless("hibernate.*", because: "there is no Hibernate here"),
            .refused(
                "dialect.name",
                unless: ["PostgreSqlDatabaseDialect"],
                because: "the destination is PostgreSQL"
            ),
            .refused(
                "jdbc.credentials.provider.class",
                unless: [],
                because: "write ${env:NAME} or ${file:PATH:KEY} as the password"
            ),
            timeZone.entry,
            .refused(
                "date.timezone",
                unless: ["DB_TIMEZONE", "UTC"],
                because: "values go into the column as they are"
            ),
        ]
    )

    private static let pool = "each lane has one connection, without a pool"
}
