// SPDX-License-Identifier: Apache-2.0
// From a request to its reply: paths, methods, handlers. Knows nothing of sockets.
#pragma once

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "admin/server.h"

namespace eddy::host {

using AdminRequest = boost::beast::http::request<boost::beast::http::empty_body>;
using AdminResponse = boost::beast::http::response<boost::beast::http::string_body>;

// Thread-safe.
//
// An action changes the host, and there is no token: so that no page in a browser on this machine can reach one, a POST
// needs a header that browsers ask us for first, and get no answer to (X-Eddy-Request, or a Content-Type of
// application/json), and an Origin, if there is one, that is this listener's own by address. The Host header proves
// nothing: a page's own name can be made to lead here.
class Router {
 public:
  void add(std::string path, AdminServer::Handler handler);
  // `path` has one segment "{name}".
  void add_action(std::string path, AdminServer::Action action);
  // Where the listener is, for the Origin of its own pages.
  void serve_at(const std::string& address, const std::string& port);

  // Runs the handler, if there is one and the request has no body; a handler that throws becomes a 500.
  AdminResponse reply(const AdminRequest& request, bool has_body = false) const;

 private:
  // What a path leads to: one of the two, or nothing.
  struct Found {
    std::shared_ptr<const AdminServer::Handler> handler;
    std::shared_ptr<const AdminServer::Action> action;
    std::string_view name;  // of the action
  };
  struct ActionRoute {
    std::string path, before, after;  // "{name}" stands between the two
    std::shared_ptr<const AdminServer::Action> action;
  };

  Found find(std::string_view path) const;
  HttpReply act(const AdminRequest& request, const Found& found, std::string_view path) const;
  bool is_foreign(std::string_view origin) const;
  std::string paths() const;

  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const AdminServer::Handler>, std::less<>> routes_;
  std::vector<ActionRoute> actions_;
  std::vector<std::string> origins_;
};

// A complete reply; `keep_alive` false also tells the client so.
AdminResponse make_response(unsigned version, bool keep_alive, HttpReply reply);

// The path of a request target: without query, and without scheme and host when a proxy left them in.
std::string_view path_of(std::string_view target);

}  // namespace eddy::host
