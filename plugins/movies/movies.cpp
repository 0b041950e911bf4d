// SPDX-License-Identifier: Apache-2.0
// Films in, releases out, and a recovery for what was wrong with some of them:
//
//   movies ── to_release ──▶ releases ──────────────┐
//      └──▶ MovieDLQ ── recover_movie ──▶ recovered_releases ──▶ table releases
#include <stdexcept>

#include "movie.hpp"
#include "release_date.hpp"

namespace {

// The list ends in 2011: what lies after it is a two-digit year that was read as 20xx.
constexpr std::chrono::year kLastYear{2011};

Release to_release(const Movie& movie) {
  std::optional<std::string> released;
  if (movie.release_date) {
    const auto date = parse_release_date(*movie.release_date);
    if (date.year() > kLastYear) {
      throw std::out_of_range("Release Date: \"" + *movie.release_date + "\" lies after 2011");
    }
    released = to_iso(date);
  }
  return {.title = movie.title,
          .release_date = released,
          .distributor = movie.distributor,
          .genre = movie.major_genre,
          .director = movie.director,
          .us_gross = movie.us_gross,
          .worldwide_gross = movie.worldwide_gross,
          .production_budget = movie.production_budget,
          .imdb_rating = movie.imdb_rating,
          .imdb_votes = movie.imdb_votes};
}

// Films called 1408 or 2012 came with a number for a title.
std::optional<Release> with_title_as_text(const eddy::DeadLetter<Movie>& letter) {
  eddy::Json original = letter.as_json();
  const auto title = original.find("Title");
  if (title == original.end() || !title->is_number_integer()) return std::nullopt;
  *title = title->dump();
  return to_release(letter.decode(original.dump()));
}

std::optional<Release> a_century_earlier(const eddy::DeadLetter<Movie>& letter) {
  Movie movie = letter.as_typed();
  if (!movie.release_date) return std::nullopt;
  movie.release_date = to_release_text(parse_release_date(*movie.release_date) - std::chrono::years(100));
  return to_release(movie);
}

std::optional<Release> recover_movie(const eddy::DeadLetter<Movie>& letter) {
  if (letter.error_type == "ValidationError") return with_title_as_text(letter);
  if (letter.error_type == "std::out_of_range") return a_century_earlier(letter);
  return std::nullopt;  // nothing is known about it
}

}  // namespace

EDDY_PLUGIN_INFO("movies", "1.0.0")

EDDY_PLUGIN(app) {
  const auto queue = app.dead_letter_queue<Movie>("MovieDLQ");
  const auto movies = app.ingest_pipeline<Movie>("movies", {.dead_letter_queue = queue});

  // What the table refuses (a title that is already there) is a Release, so it does not go to the films' queue.
  const auto refused = app.dead_letter_queue<Release>("ReleaseDLQ");
  const auto table = app.table<Release>("releases");
  const auto releases = app.stream<Release>("releases", {.destination = table, .dead_letter_queue = refused});
  const auto recovered =
      app.stream<Release>("recovered_releases", {.destination = table, .dead_letter_queue = refused});

  movies.stream().add_transform<to_release>(releases, {.dead_letter_queue = queue});
  queue.add_transform<recover_movie>(recovered);
}
