// says: eddy: a function that hands over its state has all of
#include "models.hpp"

class Count {
 public:
  static constexpr std::uint32_t state_version = 1;
  void save(eddy::StateWriter& to) const { to.write(count_); }
#ifdef RIGHT
  void load(std::uint32_t, eddy::StateReader& from) { from.read(count_); }
#endif
  void operator()(const eddy::Record&) { ++count_; }

 private:
  int count_ = 0;
};

EDDY_PLUGIN(app) { app.stream("in").add_consumer<Count>(); }
