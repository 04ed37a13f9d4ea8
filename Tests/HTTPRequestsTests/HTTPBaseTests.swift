import HTTPRequests
import Testing
import Text

struct HTTPBaseTests {
    @Test(
        arguments: [
            ("http://a:1", "http://a:1"), ("http://a:1/", "http://a:1"), ("http://a:1//", "http://a:1"),
            ("https://a/b/", "https://a/b"), ("unix:/run/sink.sock", "http+unix://%2Frun%2Fsink.sock"),
            ("unix:///run/sink.sock", "http+unix://%2Frun%2Fsink.sock"),
            ("unix:/run/a b%é", "http+unix://%2Frun%2Fa%20b%25%C3%A9"),
            ("http+unix://%2Frun%2Fa/", "http+unix://%2Frun%2Fa"), ("unix:", "http+unix://"), ("", ""),
        ]
    )
    func `a base is what a path can follow`(text: String, url: String) {
        #expect(HTTPBase(text).url == url)
    }

    @Test(
        arguments: [
            ("source", "source"), ("a b", "a%20b"), ("a/b?c#d", "a%2Fb%3Fc%23d"), ("ä", "%C3%A4"),
            ("-._~", "-._~"), ("100%", "100%25"), ("\r\n\u{0}", "%0D%0A%00"), ("", ""),
            ("👩‍💻", "%F0%9F%91%A9%E2%80%8D%F0%9F%92%BB"),
        ]
    )
    func `a name becomes one segment of a path`(name: String, segment: String) {
        #expect(HTTPBase.segment(name) == segment)
    }

    @Test(
        arguments: [
            ("plain text, ä 👩‍💻", "plain text, ä 👩‍💻"), ("a\r\nb", "a\\r\\nb"),
            ("\u{1B}[31m", "\\u{1b}[31m"),
            ("a\u{202E}b", "a\\u{202e}b"), ("\u{0}\u{7F}\u{85}\u{2028}", "\\u{0}\\u{7f}\\u{85}\\u{2028}"),
            ("e\u{301}\u{9B}", "e\u{301}\\u{9b}"),
        ]
    )
    func `what steers a terminal is escaped`(text: String, shown: String) {
        #expect(text.visible.utf8.elementsEqual(shown.utf8))
    }
}
