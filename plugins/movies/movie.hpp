// SPDX-License-Identifier: Apache-2.0
// The two models: a film as it comes in, and as it is kept.
#pragma once

#include <cstdint>
#include <eddy/eddy.hpp>
#include <optional>
#include <string>

struct Movie {
  std::string title;
  std::int64_t us_gross;
  std::int64_t worldwide_gross;
  std::optional<std::int64_t> us_dvd_sales;
  std::optional<std::int64_t> production_budget;
  std::optional<std::string> release_date;  // "Jun 12 1998"
  std::optional<std::string> mpaa_rating;
  std::optional<int> running_time_min;
  std::optional<std::string> distributor;
  std::optional<std::string> source;
  std::optional<std::string> major_genre;
  std::optional<std::string> creative_type;
  std::optional<std::string> director;
  std::optional<int> rotten_tomatoes_rating;
  std::optional<double> imdb_rating;
  std::optional<std::int64_t> imdb_votes;
};
EDDY_MODEL(Movie, EDDY_FIELD(title, "Title"), EDDY_FIELD(us_gross, "US Gross"),
           EDDY_FIELD(worldwide_gross, "Worldwide Gross"), EDDY_FIELD(us_dvd_sales, "US DVD Sales"),
           EDDY_FIELD(production_budget, "Production Budget"), EDDY_FIELD(release_date, "Release Date"),
           EDDY_FIELD(mpaa_rating, "MPAA Rating"), EDDY_FIELD(running_time_min, "Running Time min"),
           EDDY_FIELD(distributor, "Distributor"), EDDY_FIELD(source, "Source"), EDDY_FIELD(major_genre, "Major Genre"),
           EDDY_FIELD(creative_type, "Creative Type"), EDDY_FIELD(director, "Director"),
           EDDY_FIELD(rotten_tomatoes_rating, "Rotten Tomatoes Rating"), EDDY_FIELD(imdb_rating, "IMDB Rating"),
           EDDY_FIELD(imdb_votes, "IMDB Votes"))

struct Release {
  eddy::Unique<std::string> title;
  std::optional<std::string> release_date;  // "1998-06-12"
  std::optional<std::string> distributor;
  std::optional<std::string> genre;
  std::optional<std::string> director;
  std::int64_t us_gross;
  std::int64_t worldwide_gross;
  std::optional<std::int64_t> production_budget;
  std::optional<double> imdb_rating;
  std::optional<std::int64_t> imdb_votes;
};
EDDY_MODEL(Release, title, release_date, distributor, genre, director, us_gross, worldwide_gross, production_budget,
           imdb_rating, imdb_votes)
