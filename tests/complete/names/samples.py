"""Small programs in three languages that use most forms of declaration."""

JS = """
import fs, { join as glue } from 'fs';
/**
 * Find the first user of a group.
 * @param {Group} group - where to look, group
 */
export function findUser(group, options = {}) {
  const users = group.getUsers(options.limit), { name: wanted, ...others } = options;
  for (const user of users) {
    if (user.name === wanted && typeof user.age !== 'undefined') return user;
  }
  let total = 0, i;
  for (i = 0; i < users.length; i++) total += users[i].weight * 2;
  users.forEach((item, index) => { item.rank = index; log(`${item} of`, total); });
  try { fs.open(others) } catch (err) { throw new Error(err.message) }
  return { total, first: users[0], glue };
}
class Cache extends Base {
  #store = new Map();
  constructor(size) { super(); this.size = size; }
  get(key) { const hit = this.#store.get(key); return hit ? hit.value : null; }
  static create(...parts) { return new Cache(parts.length) }
}
Cache.prototype.clear = function () { this.get('clear'); };
const found = findUser(new Group('a'), { limit: 3 });
"""
PY = '''
import os
from a import b as c

def load_users(path, limit=10, *args, **kwargs):
    """Load users from a path; path may be relative."""
    users = []
    with open(path) as handle:
        for line in handle.readlines()[:limit]:
            name, _, age = line.partition(",")
            users.append({"name": name, "age": int(age)})
    try:
        count = len(users) if users else None
    except ValueError as error:
        raise RuntimeError(str(error)) from error
    count += 1
    return [user for user in users if user["age"] > count]

class Store(Base):
    size: int = 0
    def get_item(self, key: str, default=None):
        value = self.items.get(key, default)
        return value if value is not None else self.make(key=key)
    @property
    def total(self): return sum(item.weight for item in self.items)

found = load_users(os.path.join("a", "b"), limit=3)
double = lambda number: number * 2
'''
CPP = """
#include <vector>
namespace app {
// Sum of the weights of all items.
double sumWeights(const std::vector<Item>& items, int* count = nullptr) {
  double total = 0.0;
  for (const auto& item : items) { total += item.weight(); }
  for (int i = 0; i < 3; i++) { total += items[i].extra; }
  if (count) { *count = static_cast<int>(items.size()); }
  auto scale = [&total, factor = 2](double value) { return value * factor + total; };
  Point origin(1, 2);
  try { check(total); } catch (const std::exception& error) { log(error.what()); }
  return scale(total) + origin.x;
}
class Cache : public Base {
  int size_;
 public:
  explicit Cache(int size) : size_(size) {}
  int size() const { return size_; }
  Entry* find(const Key& key) { auto it = map_.find(key); return it == map_.end() ? nullptr : &it->second; }
};
void Cache::clear(bool all) { if (all) { map_.clear(); } }
}
"""
SAMPLES = {"js": JS, "py": PY, "cpp": CPP}
