import FleetOperator

@main
struct App {
    static func main() async { await Scrm.run() }
}
