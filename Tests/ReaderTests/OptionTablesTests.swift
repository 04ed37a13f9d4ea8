import Commands
import Foundation
import Testing

@testable import Reader
@testable import Sink
@testable import Writer

@Suite struct OptionTablesTests {
    private static let programs: [any Command.Type] = [
        WriterCommand.self, SinkCommand.self, ReaderCommand.self,
    ]

    @Test(arguments: programs.indices)
    func `docs/options.md has the options that each program takes`(_ program: Int) throws {
        let invocation = Invocation(
            of: Self.programs[program],
            ["--generate-option-tables"],
            environment: { _ in nil },
            width: 80
        )
        guard case .print(let tables) = invocation else {
            Issue.record("the program makes no tables")
            return
        }
        let file = URL(filePath: #filePath).appending(path: "../../../docs/options.md").standardized
        let text = try String(contentsOf: file, encoding: .utf8)
        #expect(text.contains(tables), "run `make docs`")
    }
}
