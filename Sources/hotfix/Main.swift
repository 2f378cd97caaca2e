import HotfixCommands

/// The entry point; everything else can be imported by a test.
@main
enum Main {
    static func main() async {
        await EntryPoint.run()
    }
}
