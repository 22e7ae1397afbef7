// The result on stdout: receipts and plans, as text or JSON.
#pragma once

#include <string>

#include "momentcut/pipeline/receipt.hpp"

namespace momentcut::cli {

// What goes to stdout, with its line end. In JSON every time is in seconds as a decimal, sizes are
// in bytes, and what is not known is null. Text that is no UTF-8 gets replacement characters there.

// What a script reads line by line: the output's path, the uploaded object's s3 URL, the presigned
// URL; those of them that there are.
std::string receipt_text(const pipeline::Receipt& receipt);

std::string receipt_json(const pipeline::Receipt& receipt);
std::string plan_json(const pipeline::Plan& plan);
std::string plan_text(const pipeline::Plan& plan);

}  // namespace momentcut::cli
