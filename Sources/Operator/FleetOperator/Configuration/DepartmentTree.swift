import Contracts

/// Whether departments form a tree.
enum DepartmentTree {
    /// Parents that don't exist, departments that are their own ancestor (once per circle), and more than one root or
    /// none.
    static func faults(_ departments: [(value: DirectoryConfiguration.Department, fault: DirectoryFile.Complaint)])
        -> [FileFault]
    {
        let parents = Dictionary(
            departments.map { ($0.value.id, $0.value.parentID) }, uniquingKeysWith: { first, _ in first })
        var faults: [FileFault] = []
        var onCircle: Set<Int> = []
        for (department, fault) in departments {
            guard let parent = department.parentID else { continue }
            guard parents.keys.contains(parent) else {
                faults.append(fault("parent_id", "there is no department \(parent)"))
                continue
            }
            guard !onCircle.contains(department.id), let circle = circle(from: department.id, parents: parents) else {
                continue
            }
            onCircle.formUnion(circle)
            let way = (circle + [department.id]).map(String.init).joined(separator: " → ")
            faults.append(fault("parent_id", "departments must form a tree, but this is a circle: \(way)"))
        }
        let roots = departments.filter { $0.value.parentID == nil }
        for (department, fault) in roots.dropFirst() {
            let first = roots[0].value.id
            faults.append(
                fault(
                    "parent_id",
                    "is missing: department \(first) is the root already, so \(department.id) needs a parent"))
        }
        return faults
    }

    /// The departments passed on the way from one back to itself; `nil` when the way ends.
    private static func circle(from start: Int, parents: [Int: Int?]) -> [Int]? {
        var way = [start]
        var current = start
        while let next = parents[current] ?? nil {
            if next == start { return way }
            // A circle further up that doesn't pass through `start` is found from its own members.
            if way.contains(next) { return nil }
            way.append(next)
            current = next
        }
        return nil
    }
}
