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

#include "admin/server.h"

namespace eddy::host {

using AdminRequest = boost::beast::http::request<boost::beast::http::empty_body>;
using AdminResponse = boost::beast::http::response<boost::beast::http::string_body>;

// Thread-safe.
class Router {
 public:
  void add(std::string path, AdminServer::Handler handler);

  // Runs the handler, if there is one; a handler that throws becomes a 500.
  AdminResponse reply(const AdminRequest& request) const;

 private:
  std::shared_ptr<const AdminServer::Handler> find(std::string_view path) const;
  std::string paths() const;

  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const AdminServer::Handler>, std::less<>> routes_;
};

// A complete reply; `keep_alive` false also tells the client so.
AdminResponse make_response(unsigned version, bool keep_alive, HttpReply reply);

// The path of a request target: without query, and without scheme and host when a proxy left them in.
std::string_view path_of(std::string_view target);

}  // namespace eddy::host
