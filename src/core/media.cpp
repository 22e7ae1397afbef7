#include "momentcut/core/media.hpp"

namespace momentcut::core {
namespace {

// 48 hours in a fine time base overflow 64 bits on the way, not in the result.
__extension__ using Wide = __int128;

Wide floor_divided(Wide value, Wide by) {
  const Wide quotient = value / by;
  return value % by < 0 ? quotient - 1 : quotient;
}

std::int64_t rounded_ratio(Wide value, Wide by) {
  return static_cast<std::int64_t>(floor_divided(2 * value + by, 2 * by));
}

}  // namespace

Time to_time(std::int64_t ticks, TimeBase base) {
  return Time(rounded_ratio(Wide(ticks) * base.num * Time::period::den, base.den));
}

std::int64_t ticks_at_or_after(Time time, TimeBase base) {
  const Wide numerator = Wide(time.count()) * base.den;
  const Wide denominator = Wide(base.num) * Time::period::den;
  return static_cast<std::int64_t>(-floor_divided(-numerator, denominator));
}

std::int64_t rescaled(std::int64_t ticks, TimeBase from, TimeBase to) {
  return rounded_ratio(Wide(ticks) * from.num * to.den, Wide(from.den) * to.num);
}

}  // namespace momentcut::core
